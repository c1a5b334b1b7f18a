plan_format_unknown = 不认识的格式，应为 dispatch-instance/1。
plan_bad_minute = 应为合理的分钟数。
plan_bad_range = 应为 [起, 止]，起不晚于止。
plan_not_a_count = 应为 { $least } 到 { $most } 的整数。
plan_not_square = 行数和列数应与 locations 的个数相同。
plan_id_twice = 编号重复。
plan_missing = 缺少这一项。
plan_unknown_place = locations 中没有这个序号。
plan_unknown_site = sites 中没有这个隔离点。
plan_unknown_licence = params.licence_rank 中没有这类驾照。
plan_seconds_wrong = 请写 0.1 到 86400 之间的秒数
plan_file_unwritable = 无法写入 { $file }：{ $cause }。
plan_moved = 共 { $persons } 人，安排 { $moved } 人，未安排 { $left } 人
plan_trips = 车次 { $trips }（下限 { $bound }）
plan_hours = 用车 { $hours } 小时（下限 { $bound }）
plan_waiting = 等候 { $hours } 人时，行驶 { $km } 公里
plan_reason_name = { $reason ->
    [no_suitable_vehicle] 没有能容纳的车辆
    [site_hours] 到达时隔离点不接收
    [site_full] 隔离点已满
    [pickup_window] 没有可上车的时间
    [ride_too_long] 乘车时间过长
    [no_vehicle_free] 没有空闲车辆
    [no_crew_free] 没有空闲司乘人员
    [driving_law] 不符合驾驶时间规定
    [other_risk_only] 隔离点不接收该类人员
    [outranked] 名额已由他人占用
    [by_hand] 人工调整
   *[other] ?
}
plan_reason = { plan_reason_name }：{ $parties } 组 { $persons } 人
plan_written = 已写入 { $file }
plan_searched = 搜索 { $steps } 步，{ $seconds } 秒（首个方案 { $first } 秒）
plan_disturbed = 与已通知的方案相比：不变 { $kept } 组，换车 { $vehicle } 组，改时间 { $time } 组，退出 { $dropped } 组
plan_change = 车次 { $trip }：{ $change ->
    [cancelled] 取消
    [vehicle] 换车 { $before } → { $after }
    [crew] 换人 { $before } → { $after }
    [time] { $party } 上车 { $before } → { $after }
    [off] { $party } 改乘 { $after }
    [on] 加入 { $party }
   *[other] ?
}
plan_change_because = { $what }（{ $because }）
plan_cause = { $cause ->
    [vehicle] 车辆不可用
    [staff] 司乘人员不可用
    [party_gone] 不再转运
    [party_later] 就绪时间推迟
    [party_other] 类别或人数有变
    [site] 隔离点不接收
    [law] 原时间已不合规定
    [making_room] 为他人腾出名额
   *[other] ?
}
driving_unreadable = 驾驶规定文件无法读取：{ $cause }
driving_out_of_range = 数值超出范围。
plan_without_way = 计划中有不经过道路的车次。
plan_announced = 已通知 { $trips } 个车次：{ $first } 至 { $last }
plan_kept = 另有 { $people } 人应转但不能走
plan_rule = { $rule ->
    [trip_named_once] { $of }：车次名称重复。
    [acts_in_order] { $of }：时间先后不对，或超出可安排的时间。
    [vehicle_available] { $of }：此时段没有可用的车辆。
    [legs_join] { $of }：行程不衔接。
    [night_ban] { $of }：2 时至 5 时大客车禁止行驶。
    [driver_on_trip] { $of }：开车的人不在驾驶员之列。
    [board_once] { $of }：每组只能上车一次，且在有人下车之前。
    [pickup_window] { $of }：赶不上可上车的时间。
    [service_time] { $of }：上下车时间不够。
    [capacity] { $of }：坐不下，超过载客上限、轮椅位、儿童座椅或行李位。
    [right_site] { $of }：没有可以接收的隔离点。
    [site_hours] { $of }：到达时隔离点不接收。
    [site_room] { $of }：隔离点没有空房。
    [ride_excess] { $of }：有人乘车时间过长。
    [not_mixed] { $of }：不同省份、不同风险类别的人不能同车。
    [most_sites] { $of }：停靠的隔离点过多。
    [crew] { $of }：没有合适的驾驶员、医护或陪护空闲。
    [disinfection] { $of }：两个车次之间来不及消毒。
    [one_place] { $of }：同一人同时在两个车次上。
    [continuous_driving] { $of }：连续驾驶时间过长，中间没有休息。
    [driving_24h] { $of }：24 小时内驾驶时间过长。
    [rest] { $of }：上一次值勤后休息不够。
    [duty] { $of }：值勤或驾驶时间会超过规定。
    [everybody] { $of }：既未安排也未说明原因，或重复安排。
    [true_reason] { $of }：未安排的原因不属实。
   *[other] { $of }：{ $rule }
}
proposal_searching = 正在编排，请先停止，再调整或通知。
proposal_without_plan = 还没有可用的方案。
proposal_announced = { $by } 已于 { $at } 通知了这个方案，你的操作没有执行。
proposal_replaced = 这一天已由 { $by } 于 { $at } 重新编排，这个方案作废，你的操作没有执行。
proposal_changed = { $by } 已于 { $at } 改动了这个方案，你的操作没有执行；请看过最新的方案再操作。
proposal_being_searched = { $by } 正在编排这一天。
too_many_searches = 已有 { $most } 天正在编排，请稍后再试。
page_balance = 两周前瞻
balance_enough = 今后两周，座位和驾驶员都够
balance_shortages = 运力不足
balance_short = { $on } { $province }：缺座位 { $seats } 个，缺驾驶员 { $drivers } 人。
balance_hint = 各日应转人数，对照已排车次和空闲车辆的座位（限载内，每车每天一趟）、当日空闲的大客车驾驶员，以及各市隔离点已确认的可接收人数（应转 / 可接收）。本市返家人员由各区接送，不计入。
balance_seats = 座位
balance_drivers = 驾驶员
balance_nobody = 今后两周没有应转人员，也没有车辆。
ways_estimated = 行车时间按直线距离估算
ways_measured = 行车时间由路网服务器给出
ways_failed = 路网服务器未能给出行车时间（{ $cause }），改按直线距离估算
