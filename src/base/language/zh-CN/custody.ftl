handoff_ended = 此次交接已了结：{ $at } 由 { $side } { $state ->
    [accepted] 全部接收
    [accepted_with_exceptions] 部分接收
    [refused] 拒收
    [withdrawn] 撤回
   *[other] 了结
}。
handoff_lapsed = 已于 { $at } 超过答复时限，现由值班协调员裁定。
only_receiver_answers = 只有接收单位可以答复此次交接。
only_giver_withdraws = 只有移交单位可以撤回此次交接。
same_signer = 此次交接由您本人提出，须由另一人签收。
deadline_not_passed = 接收单位的答复时限为 { $answer_by }，此前不得代为裁定。
handoff_without_deadline = 此次交接没有设定时限，不能代为裁定；移交单位可以撤回。
handoff_changed = 您查看之后此次交接有变动，仍待答复，请刷新后再操作。
count_first = 本车次人员正待贵方接收。请先清点人数，清点后方可查看名单。
already_counted = 首次清点人数已登记为 { $first }，不再更改；复点人数随答复填写。
count_below_zero = 清点人数不能小于零。
happens_later = 这一时间尚未到来，请核对设备时钟。
happened_before_offer = 这一时间早于发起交接的时间，请核对设备时钟。
exception_twice = 此人重复填写。
extra_is_on_list = 此人在名单上，不属于多出人员。
exception_not_on_list = 此人不在名单上，请按多出人员填写。
count_differs = 清点 { $counted } 人，名单扣除异常后应为 { $expected } 人，请逐人说明差异。
receiver_decides_not = 您是接收单位，请先清点再答复；代为裁定由其他单位的值班协调员办理。
extra_is_already_here = 所填多出人员中有 { $count } 人本来就由贵单位负责，不属于异常。
reason_too_long = 原因不超过 { $most } 字。
answers_for_nobody = 您未归属任何在用单位，不能签字。
no_such_receiver = 没有在用的单位 { $organisation }。
handoff_to_itself = 不能向本单位移交。
deadline_has_passed = 这一时限已过。
nobody_offered = 请至少选择一人。
others_answer = 其中 { $count } 人不由贵单位负责，现责任方为 { $custodians }。
in_another_handoff = 其中有人正在交接中（{ $handoffs }），须待其了结。
party_would_be_split = 有 { $count } 名同行人员会被落下。请整组移交，或先办理分组。
term_not_over = 其中 { $count } 人隔离期未满。
release_held = 其中 { $count } 人仍在暂缓，须先解除暂缓。
held_may_not_board = 其中 { $count } 人已暂缓，不得上车：{ $travellers }。请逐人列为异常，仍由移交单位负责。
count_above_seats = 清点 { $counted } 人，超过车辆的 { $seats } 个座位。
paper_unreadable = 这不是交接凭证。
paper_of_others = 这是其他系统的交接凭证。
paper_forged = 这份交接凭证签发后被改动过。
paper_differs = 交接与这份凭证不符。
period_too_long = 对账期最长 { $days } 天。
guest_link_used = 这条签收链接已由 { $by } 于 { $at } 使用，只能使用一次。
guest_link_revoked = 这条签收链接已于 { $at } 由 { $by } 收回。如仍需签收，请联系移交单位另发链接。
guest_link_expired = 这条签收链接已于 { $at } 过期。请联系移交单位（{ $by }）另发链接。
guest_link_not_yours = 签收链接只能由移交单位，或接收单位所在省的工作组、值班协调员生成和收回。
guest_link_expiry = 链接的有效期限须在此刻之后、{ $hours } 小时之内。
guest_code_wrong = 校验码不对。请向发链接的人核对。
guest_name_missing = 请填写签收人姓名。
guest_name_unreadable = 姓名不超过 60 字，且不含控制字符。
receiver_has_accounts = 接收单位已有账号，应由其登录后签收，不发链接。
obligation_empty = 请写明要做什么。
obligation_too_long = 内容不超过 { $most } 字。
obligation_done = 这一事项已办结，不能再次办理。
obligation_is_kept = 交办事项和办结记录不能修改或删除。
statement_with_itself = 请选择另一个单位。
not_a_side = 只有对账双方可以签认。
period_not_over = 对账期尚未结束，结束后方可签认。
statement_changed = 对账单在您查看之后有变动，请重新查看后再签认。
statement_signed = 贵单位已签认这份对账单。
statement_is_kept = 已签认的对账单不能修改或删除。
phone_key_unreadable = 这不是手机签名公钥。
phone_key_of_another = 这部手机的签名密钥已登记在他人名下。
phone_key_unknown = 这份签收由另一账号在这部手机上签字，请用签字时的账号登录送达。
phone_key_taken_back = 这部手机的签名密钥已于 { $at } 收回。所签内容已留存，但不算签收，请在本页面重新清点并签收。
receipt_forged = 手机签名与签收内容不符，未予采用。
