receive_mine = 待我接收
receive_nothing = 目前没有待接收的人员。
receive_waits = 已等候
receive_time_left = 剩 { $length }（{ $at } 前）
receive_overdue = 已超时 { $length }（应于 { $at } 前答复）
receive_coming = 今日到达
receive_given = 我方提出，待对方接收
receive_ended_before = 最近了结
receive_handoff = 交接
receive_all = 全部交接
receive_steps = 步骤
receive_step_count = 清点
receive_step_list = 核对
receive_step_sign = 签收
receive_how_many = 实到多少人？
receive_blind = 请先数人头。登记后才显示名单。
receive_counted = 登记清点人数
receive_count_unreadable = 请填写人数，例如 23。
receive_count_differs = 您清点 { $counted } 人，名单 { $listed } 人，相差 { $by } 人。请对照名单逐人核对。
receive_count_agrees = 清点人数与名单一致。
receive_tick = 不在的请取消勾选
receive_all_here = 全部在
receive_why = 原因
receive_sign = 签收
receive_refuse = 整批拒收
receive_refuse_hint = 全部人员仍由对方负责，对方会立即得知原因。
receive_refuse_do = 拒收
receive_reason = 原因
receive_list = 名单
receive_list_hidden = 接收单位清点之前不显示名单。
receive_list_opened = 交接名单
receive_withdraw = 撤回
receive_withdraw_hint = 撤回后仍由我方负责，对方会立即得知。
receive_withdraw_do = 撤回交接
receive_decide = 逾期裁定
receive_decide_hint = 裁定未接收：全部人员仍由移交单位负责，并记录为代为裁定。
receive_decide_do = 裁定未接收
receive_ended = { $state }：{ $at }，{ $by }，实收 { $counted } 人。{ $reason }
key_tick = 勾选或取消
handoff_state_lapsed = 已超时
handoff_state_accepted = 已接收
handoff_state_accepted_with_exceptions = 部分接收
handoff_state_refused = 已拒收
handoff_state_withdrawn = 已撤回
excepted_not_there = 未到
excepted_to_doctors = 已转医疗
excepted_would_not_come = 不愿前往
excepted_wrong_vehicle = 上错车
excepted_not_fit = 不宜接收
outcome_received = 已接收
outcome_missing = 未到
outcome_refused = 拒收
outcome_extra = 多出
outcome_wrong_vehicle = 上错车
sheet_title = 交接单
sheet_version = 第几稿
sheet_listed = 名单人数
sheet_counted = 清点人数
sheet_name = 姓名
sheet_here = 核对
sheet_giver = 移交方
sheet_receiver = 接收方
sheet_printed = 打印交接单
trip_crew = 驾乘人员
weekday_short_1 = 周一
weekday_short_2 = 周二
weekday_short_3 = 周三
weekday_short_4 = 周四
weekday_short_5 = 周五
weekday_short_6 = 周六
weekday_short_7 = 周日
handoff_state_offered = 待接收
outbox_waiting = 待发送
outbox_sign_in = 已恢复网络，请重新登录以送达已签字的内容。
outbox_conflict = 冲突：此次交接已有结果，请打开查看。
overview_title = 待答复的交接
overview_nothing = 没有待答复的交接。
overview_act = 已超时，须裁定：
overview_waiting = 待答复
overview_overdue = 已超时
overview_lapsing = 半小时内到时限
overview_ended = 已结束
overview_everybody = 全部单位
overview_show = 查看
overview_none_here = 此条件下没有交接。
overview_all = 查看全部待答复
overview_ended_at = 结束时间
list_first = 第一页
key_pages = 第一页、下一页
overview_owes = 待其接收
overview_deadline = 答复时限
guest_lead = 请在车旁清点人数并填写校验码，核对名单后签收。
guest_code = 校验码
guest_code_hint = 六位数字，由发链接的人另行告知。
guest_code_apart = 请用电话等另一种方式告知对方，不要与链接一起发送。
guest_counted_before = 已清点过的，只填校验码。
guest_name = 签收人姓名
guest_outside = 签收后人员由贵单位负责，本系统按“移交网外”统计。
guest_done = 已签收，移交单位已得知。本链接不能再次使用。
guest_link = 签收链接
guest_link_hint = 接收单位没有账号时，可凭一次性链接和校验码签收，按移交网外统计。
guest_link_make = 生成签收链接
guest_link_out = 已发出的链接有效至
guest_link_revoke = 收回链接
guest_link_once = 链接和校验码只显示这一次，请现在发送。
guest_link_address = 链接
guest_link_until = 有效至
owed_title = 交办事项
owed_nothing = 目前没有交办事项。
owed_care = 照护
owed_medicine = 用药
owed_note = 备注
owed_kind = 类别
owed_words = 内容
owed_due = 时限
owed_any_time = 不限时
owed_add = 新增交办事项
owed_hint = 随人移交：谁负责此人，谁办理。内容加密保存，查看留痕，登记后不能修改。
owed_do = 办结
owed_done_by = 办结：
owed_all = 全部交办事项
owed_every_kind = 全部
owed_overdue = 已逾期，须立即办理：
owed_late = 逾期
owed_added = 登记
owed_by_policy = 按政策
owed_choose = 请选择单位，查看其全部交办事项。
statement_title = 对账单
statement_one = 甲方
statement_other = 乙方
statement_from = 起
statement_to = 止
statement_show = 查看
statement_brought_forward = 上期结转
statement_offered = 发起
statement_received = 接收
statement_outside = 其中网外接收
statement_excepted = 异常
statement_refused_people = 拒收
statement_withdrawn = 撤回
statement_carried_forward = 结转下期
statement_overdue = 其中超时
statement_extras = 多出
statement_differences = 差异人员
statement_unbalanced = 不平
statement_signed_title = 签认
statement_digest = 摘要
statement_open = 待签认
statement_agreed = 双方已签认
statement_disputed = 有争议
statement_outdated = 此后数字有变动
statement_differs_now = 签认之后数字有变动，以下为现在的对账单，须另行签认。
statement_said_signed = 已签认
statement_said_refused = 不予签认
statement_text = 签认内容
statement_sign = 签认
statement_refuse = 不予签认
statement_who_signs = 对账期结束后，由双方各自签认。
outbox_others = 有他人签收的内容待发送，请用签字时的账号登录。
receive_unsigned = 这部手机的浏览器不能签名：签收凭登录会话送达。
receive_phone_signed = 手机签名：{ $by }，{ $done } 签，{ $at } 送达，密钥 { $key }…
receive_phone_signed_otherwise = 另有手机签名未采用：{ $by }，{ $done } 签，{ $at } 送达，密钥 { $key }…，内容为{ $what ->
    [refusal] 整批拒收（{ $reason }）
   *[other] 签收
}。{ $because }
receive_count_first = 请先清点人数，再读证件。
receive_scan = 读证件或输入证件号
receive_scan_hint = 护照机读码、身份证号、通行证号或纸条上的二维码；读到谁就勾选谁。
receive_scan_again = 已经读过：
receive_scan_unknown = 名单上没有人持此证件：
receive_scanned = 已读
receive_untick_rest = 未读到的取消勾选
receive_extra_name = 登记为名单外人员
receive_extra_named = 已记入名单外人员：
receive_extras = 名单外人员
receive_extras_label = 证件号，每行一个
receive_extras_hint = 来了但不在名单上的人。签收后由其现责任单位补办移交。
excepted_extra = 不在名单上，证件已核对
extra_unknown = 在管人员中没有证件号 { $number }，请核对；确实有此人时请报协调员。
overview_title_ended = 已结束的交接
guest_extras_hint = 来了但不在名单上的人，照证件填写，每人一行；没有就不填。他们不随本次签收移交。
guest_extra_wrong = 证件号 { $number }：{ $because }
guest_extras_too_many = 一次最多登记名单外人员 { $most } 人，其余请电话告知移交单位。
guest_noted = 名单外人员 { $count } 人已记下，移交单位已得知。他们不随本次签收移交，仍由现责任单位负责。
guest_named_known = 对方记下一名名单外人员：{ $kind } { $number }，在管。此人仍由现责任单位负责，由其补办移交。
guest_named_unknown = 对方记下一名名单外人员：{ $kind } { $number }，在管人员中没有此证件。请与对方核对；确实有此人时请报协调员。
guest_named_destroyed = 对方曾记下一名名单外人员，证件号已按期销毁。
receive_unsent = 已签字并保存在这部手机上，尚未送达：移交单位还不知道。恢复网络后自动送达。
receive_refusal_unsent = 拒收已签字并保存在这部手机上，尚未送达：移交单位还不知道。恢复网络后自动送达。
receive_kept_sign_again = 所签内容已原样留存，但不作数，并已告知双方。请改正后在本页面重新清点并签收。
receive_kept_decide = 所签内容已原样留存，但不作数，并已告知双方。请联系协调员，由其裁定。
receive_kept_agree = 所签内容已原样留存，但不作数，并已告知双方。请与对方核实人员在谁处。
outbox_not_taken = 未被接受，仍保存在这部手机上：
set_aside_because = { $because ->
    [phone_key_taken_back] 手机的签名密钥已收回。
    [handoff_ended] 此次交接已另有结果。
    [handoff_lapsed] 签字时已过时限。
    [happens_later] 手机时间超前。
    [happened_before_offer] 手机时间落后，早于移交发起。
    [count_above_seats] 实到人数多于车辆座位数。
    [count_differs] 实到人数与名单及差异不符。
    [held_may_not_board] 签收了暂缓人员，其不得上车。
    [extra_unknown] 名单外人员的证件号查无此人。
    [extra_is_already_here] 名单外人员已由接收单位负责。
    [extra_is_on_list] 名单外人员其实在名单上。
    [exception_not_on_list] 差异所指的人不在名单上。
    [exception_twice] 同一人填了两次。
    [custody_chain] 名单上有人已不由移交单位负责。
    [only_receiver_answers] 签字人不属于接收单位。
    [same_signer] 签字人就是发起移交的人。
    [not_allowed] 签字人的岗位不能答复交接。
    [paper_differs] 签的是另一次交接。
    [paper_unreadable] 交接凭证无法读取。
    [paper_forged] 交接凭证被改动过。
    [paper_of_others] 交接凭证属于其他系统。
    [reason_missing] 没有写明原因。
    [reason_too_long] 原因过长。
    [body_unreadable] 内容无法读取。
    [body_field_missing] 没有写明签字时间。
   *[other] 与此次交接不符。
}
sheet_destroyed = 已到期销毁
sheet_stranger = 查无此证件
sheet_known = 在管人员，仍由现责任单位负责
