letter_offered = 待接收：{ $giver }向{ $receiver }移交人员
letter_reminded = 催办：{ $giver }向{ $receiver }的移交尚未答复
letter_lapsed = 超时：{ $giver }向{ $receiver }的移交无人答复，须由协调员裁定
letter_accepted = 已接收：{ $receiver }接收{ $giver }移交的 { $count } 人
letter_exceptions = 部分接收：{ $receiver }接收{ $giver }的移交，异常 { $count } 人
letter_refused = 拒收：{ $receiver }拒收{ $giver }的移交
letter_withdrawn = 撤回：{ $giver }撤回向{ $receiver }的移交
letter_decided = 已裁定：{ $giver }向{ $receiver }的移交由协调员裁定
letter_extra_found = 多出人员：{ $receiver }处发现贵单位负责的 { $count } 人不在{ $giver }的名单上
letter_departed = 已发车：{ $trip }，车上 { $count } 人，预计 { $arrives } 到达
letter_trip_changed = 车次变动：{ $trip }，{ $what }有变
letter_trip_cancelled = 车次取消：{ $trip }，原定 { $departs } 发车
letter_positive = 检测阳性：贵单位现在或曾经负责的 1 人
letter_digest = 夜班提要：{ $organisation }，{ $at }
letter_everybody = 全部单位
letter_next_answer = 请清点后答复：接收、说明异常或拒收。不答复不等于接收。
letter_next_decide = 超时不等于接收，人员仍由移交单位负责，等待协调员裁定。
letter_next_stay = 未被接收的人员仍由移交单位负责，请安排。
letter_next_offer = 这些人员仍由贵单位负责。请向发现单位补办移交，或派人接回。
letter_next_receive = 请做好接收准备，人员到达后清点答复。
letter_next_prepare = 请按变动后的安排准备；车次页面上的单据已更新。
letter_next_other_trip = 该车次不再发出，原乘坐人员等待另行安排。
letter_next_hold = 此人已暂缓，不得转运。请核对同车、同住和同行人员。
letter_next_nothing = 供知悉，无需答复。
letter_giver = 移交单位
letter_receiver = 接收单位
letter_handoff = 交接编号
letter_answer_by = 答复时限
letter_rung = 步骤
letter_rung_name = { $rung ->
    [remind] 提醒双方
    [duty_officer] 已报值班负责人
    [coordinator] 已报协调员
   *[other] { $rung }
}
letter_lapsed_at = 超时于
letter_counted = 接收人数
letter_exception = { $exception ->
    [missing] 未到
    [refused] 拒收
    [extra] 多出
    [wrong_vehicle] 上错车
   *[other] { $exception }
}
letter_reason = 原因
letter_signed_by = 签字人
letter_signed_at = 签字时间
letter_decision = 裁定
letter_state = { $state ->
    [offered] 待接收
    [lapsed] 已超时，待裁定
    [accepted] 全部接收
    [accepted_with_exceptions] 部分接收
    [refused] 拒收
    [withdrawn] 撤回
   *[other] { $state }
}
letter_people = 负责人数
letter_trip = 车次
letter_plate = 车牌
letter_aboard = 车上人数
letter_departs_at = 计划发车
letter_and = 、
letter_what = { $what ->
    [vehicle] 车辆
    [crew] 驾乘人员
    [stops] 停靠
    [times] 时间
   *[cancelled] 取消
}
letter_cause = 起因
letter_changed_by = 变动人
letter_left_at = 发车
letter_arrives_at = 预计到达
letter_test_kind = 检测
letter_test = { $test ->
    [nucleic_acid] 核酸
    [antibody] 抗体
   *[other] { $test }
}
letter_where = 结果登记时所在
letter_stock = { $stock ->
    [at_port] 口岸
    [in_shanghai] 在沪
    [on_road] 途中
    [at_destination] 目的地
    [medical] 医疗
   *[other] 已离网
}
letter_custodian = 现责任方
letter_to_answer = 待贵单位答复
letter_unanswered = 待对方答复
letter_overdue = 其中已超时
letter_arriving = 预计 { $arrives } 到达，{ $count } 人
letter_open = 查看
letter_footer = 接转系统自动发出，请勿直接回复。时间均为北京时间。
bad_notice_address = { $channel ->
    [mail] 请填写一个邮箱地址，如 zhiban@example.cn。
   *[other] 请填写一个网址，以 https:// 开头。
}
notice_cannot_be_muted = 这类通知（{ $value }）不能关闭：移交单位必须知道结果。
notice_not_dead = 只有未能送达的通知可以重发，这一通知的状态是 { $state }。
mail_timed_out = 邮件服务器 { $seconds } 秒内没有应答。
mail_setting_wrong = 这一邮件设置不能使用：{ $cause }
letter_conflict = 离线答复冲突：{ $giver }向{ $receiver }的移交了结之后，又收到离线答复
letter_next_agree = 以先了结的为准。请双方核实人员在谁处，需要时重新移交。
letter_stands = 有效结果
letter_set_aside = 签字未采用：{ $receiver }一部手机对{ $giver }移交所签的内容不作数
letter_next_sign_again = 所签内容已留存，但不作数，人员仍由移交单位负责。请接收单位改正后重新清点并签收。
letter_taken_back_at = 密钥收回时间
daily_title = 入境人员接转日报 { $year }年{ $on }
daily_sealed = 已封账：{ $at }，{ $by }。数字不再改动。
daily_open = 未封账（暂定）：截至 { $at } 的登记，数字还会变动。
daily_part = 仅含管辖范围内的人员。
daily_finding = 当日入境 { $landed } 人，接收 { $received } 人，解除 { $released } 人；24 时在管 { $charge } 人。
daily_number = 封账序号
daily_digest = 封账文书校验值（SHA-256）
daily_ledger = 责任账日根（{ $on }）
daily_page = 第 { $n } 页，共 { $of } 页
daily_continued = { $caption }（续）
pdf_no_font = 无法生成 PDF：在 { $folders } 中没有找到中文字体。请安装软件包 { $package }，或在设置项 bulletin.fonts 中指定含有 { $file } 的文件夹。
daily_balance = 收支平衡
daily_stock = 存量
daily_opening = 0 时
daily_change = 增减
daily_closing = 24 时
daily_provinces = 分省
daily_cities = 分市
daily_city = 市
daily_corrections = 更正
daily_no_corrections = 上次封账以来，没有得知以往已封账各日的新事实。
daily_corrected = 更正何日
daily_known = 得知时间
daily_what = 事由
daily_cause = { $kind } { $n } 人
kind_landed = 入境
kind_admitted = 入点
kind_boarded = 上车
kind_received = 接收
kind_relayed = 同段移交
kind_diverted = 转诊
kind_returned = 退回
kind_reassigned = 改派
kind_released = 解除
kind_left_network = 离网
daily_since = 封账数与现数
daily_as_sealed = 封账数
daily_brought = 往日更正带入
daily_gross = 更正毛额
daily_net = 更正净额
daily_now = 现数
letter_said = 所签内容
letter_said_receipt = 签收
letter_said_refusal = 整批拒收
letter_because = 未采用的原因
