trip_state_name = { $state ->
    [planned] 已安排
    [announced] 已通知
    [boarding] 上车中
    [departed] 已发车
    [arrived] 已到达
    [closed] 已完成
    [cancelled] 已取消
   *[other] ?
}
trip_step_name = { $step ->
    [announce] 通知
    [board] 开始上车
    [depart] 发车
    [arrive] 到达
    [close] 完成
    [cancel] 取消
   *[other] ?
}
trip_cannot = 车次目前是“{ trip_state_name }”，不能{ trip_step_name }。
trip_not_open = 车次 { $trip } { trip_state_name }，座位和驾乘人员不能再改。
arrives_before_departure = 到达时间必须晚于发车时间。
not_happened_yet = 时间不能晚于现在。
bad_reason = 请写明原因，1 至 200 字。
legs_missing = 车次至少要有一个行程段。
leg_ends_before_it_begins = 行程段的到达时间必须晚于出发时间。
leg_leads_nowhere = 行程段的起点和终点是同一单位。
legs_not_joined = 行程段不衔接：必须从上一段的终点出发。
leg_begins_too_early = 行程段不衔接：不能早于上一段的到达时间出发。
bad_trip_load_cap = 车次的载客上限应为 1 至 { $most }，不能超过车辆的载客上限。
driver_missing = 至少要有一名准驾车型相符的驾驶员（车型：{ $kind ->
    [coach] 大客车
    [minibus] 中客车
    [car] 小客车
    [ambulance] 救护车
   *[other] ?
}）。
staff_out_of_service = 工号 { $badge } 目前停用，不能安排车次。
vehicle_out_of_service = 车辆 { $plate } 目前停用，不能安排车次。
permit_missing = 车辆 { $plate } 没有包车客运标志牌，不能跨省。
permit_expired = 车辆 { $plate } 的包车客运标志牌 { $expired_on } 到期，不能跨省。
vehicle_taken = 车辆 { $plate } 从 { $from } 到 { $until }（含消毒）已由车次 { $trip } 占用。{ $free ->
    [none] 本单位同类车辆此时段没有空闲的。
   *[other] 可改用本单位空闲的 { $free }。
}
staff_taken = 工号 { $badge } 从 { $from } 到 { $until } 已由车次 { $trip } 占用。{ $free ->
    [none] 本单位同岗位人员此时段没有空闲的。
   *[other] 可改派本单位空闲的工号 { $free }。
}
vehicle_still_out = 车辆的上一车次 { $trip } 尚未到达，不能开始上车。
vehicle_not_disinfected = 车辆跑完车次 { $trip } 后正在消毒，{ $until } 以后才能上车。
already_seated = 名单中有人已在车次 { $trip } 有座位，须先退座。
trip_full = 车次 { $trip } 坐不下：上限 { $cap } 人，已有 { $taken } 人，还要 { $wanted } 人。
risk_mixed = 车次 { $trip } 上已有或将有密接人员与一般人员混乘，须分车。
trip_changed_since_read = 车次 { $trip } 在编排后已有变动或已出发，本次公布没有执行；请重新编排。
party_split = 同行不可拆分：此人与名单中的人同行，必须同乘或都不乘。
bound_elsewhere = 此人的接转目的地（{ $province }）不在本车次的接收省份（{ $trip_province }）。
not_seated = 此人在车次 { $trip } 没有座位。
named_twice = 此人在名单中出现两次。
nobody_named = 名单是空的。
seat_not_usable = 没有 { $seat } 号座位可用：可用 1 至 { $last } 号，后部为留观区。
vehicle_too_small = 车辆 { $plate } 限载 { $cap } 人，车上已有 { $aboard } 人有座，请选更大的车辆或先调整部分人员。
vehicle_is_the_same = 车次用的就是 { $plate }，请选另一辆。
vehicle_lacks_places = 车辆 { $plate } 的{ $what ->
    [wheelchairs] 轮椅位
    [child_seats] 儿童座椅
   *[luggage] 行李容量
 }不够：有 { $has }，需要 { $needed }。请换车，或将部分人员调至其他车次。
vehicle_away = 车辆 { $plate } 从 { $from } 到 { $until } 停用（{ $because }）。{ $free ->
    [none] 本单位同类车辆此时段没有空闲的。
   *[other] 可改用本单位空闲的 { $free }。
}
staff_away = 工号 { $badge } 从 { $from } 到 { $until } 不在岗（{ $because }）。{ $free ->
    [none] 本单位同岗位人员此时段没有空闲的。
   *[other] 可改派本单位空闲的工号 { $free }。
}
no_case = 此人不是病例：既无阳性暂缓，也未就医。
no_contact = 此人不在该病例的接触者之中。
no_contact_chosen = 请至少选择一人。
