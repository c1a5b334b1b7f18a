role_name = { $role ->
    [airport_desk] 机场接待点
    [site] 隔离点
    [dispatcher] 车辆调度
    [provincial_group] 驻沪工作组
    [city_squad] 市工作专班
    [coordinator] 综合协调
    [auditor] 审计
    [administrator] 系统管理员
    [machine] 系统接口
   *[other] ?
}
act_name = { $act ->
    [import_roster] 导入旅客名单
    [view_travellers] 查看入境人员
    [reveal_identity] 查看完整身份信息
    [edit_traveller] 修改入境人员信息
    [reassign_policy] 调整适用政策
    [set_hold] 设置暂缓
    [clear_hold] 解除暂缓
    [grant_waiver] 批准例外
    [enter_results] 录入检测结果
    [manage_sites] 管理隔离点和房间
    [manage_fleet] 管理车辆和人员
    [view_trips] 查看车次
    [manage_trips] 安排车次
    [board] 登记上下车
    [offer_handoff] 发起交接
    [answer_handoff] 答复交接
    [decide_handoff] 裁定逾期交接
    [view_totals] 查看日报数据
    [seal_day] 封账
    [sign_statement] 签署对账单
    [manage_notices] 管理通知
    [export] 导出名单
    [manage_users] 管理用户
    [manage_tokens] 管理接口令牌
    [manage_policies] 管理政策
    [view_audit] 查看审计记录
    [verify] 核验台账
    [purge] 销毁身份信息
   *[other] ?
}
not_allowed = 您的岗位（{ role_name }）无权{ act_name }。
not_allowed_in_part = “{ act_name }”涉及整个系统，管辖范围仅为一部分的用户不能操作。
unknown_role = 没有“{ $value }”这个岗位，可用：{ $known }。
scope_required = 岗位“{ role_name }”的用户必须指定管辖范围：所属省、市、区县的行政区划代码或单位代码。
bad_scope = “{ $value }”不是有效的管辖范围：请填行政区划代码（32、3205、310115）或单位代码。
bad_organisation_code = “{ $value }”不是有效的单位代码：2 至 40 个小写字母、数字或连字符，以字母开头。
bad_user_name = 用户名应为 2 至 40 个字母、汉字、数字、点、连字符或下划线。
password_too_short = 密码至少 { $least } 个字符。
password_too_long = 密码最多 { $most } 个字符。
password_is_name = 密码不能包含用户名。
bad_keys_file = 密钥文件无法读取：{ $reason ->
    [not_toml] 不是有效的 TOML（第 { $line } 行）
    [bad_secret] 有密钥不是 base64 写的 32 字节
    [no_newest] 文件里没有它所指的最新密钥
    [twice] 有两个密钥编号相同
   *[other] ?
}。
sealing_key_missing = 密钥文件中没有 { $key } 号密钥，用它封存的内容无法打开。请补上后重试。
wrong_name_or_password = 用户名或密码不正确。
too_many_attempts = 登录失败次数过多，请 { $seconds } 秒后再试。
bad_token_expiry = 令牌的到期时间须晚于现在，且不超过 { $days } 天。
wrong_password = 当前口令不对。
