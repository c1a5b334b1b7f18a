problem_title = { $status ->
    [status_401] 尚未登录
    [status_403] 无权操作
    [status_404] 没有找到
    [status_405] 不支持的请求方式
    [status_409] 当前情况下不能办理
    [status_410] 已失效
    [status_412] 内容已被更改
    [status_413] 内容过大
    [status_415] 不是 JSON
    [status_422] 请更正
    [status_429] 尝试次数过多
    [status_503] 暂时无法使用
   *[other] 系统内部故障
}
body_too_large = 内容超过上限 { $most } 字节。
body_not_json = 请发送 JSON，并带上请求头 Content-Type: application/json。
body_unreadable = 无法读取，请检查请求的格式。
body_field_missing = 缺少这一项。
body_field_unknown = 没有这一项。
body_field_wrong = 这一项应为：{ $expected }。
query_unreadable = 无法读取地址中的这个参数。
bad_instant = 时间请写成 2020-09-12T00:10:00+08:00，或本地时间 2020-09-12 00:10。
bad_date = 日期请写成 2020-09-12。
bad_etag = 请原样填写 ETag 给出的版本号，例如 "7"。
bad_idempotency_key = 请填写 1 到 200 个可见的 ASCII 字符。
idempotency_key_reused = 此编号已用于另一个请求，请为每个请求使用各自的编号。
cross_site_request = 该请求来自其他网站，未予执行。
method_not_allowed = 不能用这种方式请求，可用方式见响应头 Allow。
not_migrated = 数据库结构尚未升级到本版本，请先执行迁移。
cannot_listen = 无法监听 { $address }：{ $cause }。
page_name = 接转
page_skip = 跳到正文
page_language = 中文
page_sign_in = 登录
page_sign_in_lead = 入境人员接转
page_sign_out = 退出
page_user_name = 用户名
page_password = 密码
page_back = 返回今日总览
page_request = 请求编号
page_board = 今日总览
board_as_of = 截至 { $at }
board_calm = 一切正常
board_attention = 需要处理
board_since_midnight = 较零时
board_where = 各省在管人数
board_province = 省份
board_total = 合计
board_no_destination = 未录入
board_due = 今日应转
board_due_to = 目的地
board_due_count = 应转
board_due_held = 暂缓
board_due_cleared = 已放行
board_due_blocked = 未放行原因
board_due_nobody = 今日没有应转人员。
board_trips = 今日车次
board_trips_none = 今日没有车次。
board_trip = 车次
board_plate = 车辆
board_departs = 发车
board_arrives = 到达
board_seats = 座位
board_state = 状态
board_empty = 尚无人员记录，请先导入旅客名单。
alarm_unbalanced = 今日数字不平，请运行核对。
alarm_late_trips = 晚点车次：{ $trips }
alarm_blocked = 今日应转人员中有 { $count } 人未放行
alarm_no_destination = 口岸有 { $count } 人未录入目的地
weekday_1 = 星期一
weekday_2 = 星期二
weekday_3 = 星期三
weekday_4 = 星期四
weekday_5 = 星期五
weekday_6 = 星期六
weekday_7 = 星期日
trip_state_planned = 已安排
trip_state_announced = 已通知
trip_state_boarding = 上车中
trip_state_departed = 途中
trip_state_arrived = 已到达
trip_state_closed = 已完成
trip_state_cancelled = 已取消
