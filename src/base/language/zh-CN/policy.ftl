unreadable_document = 文件无法读取：{ $fault }。
no_policies = 没有任何政策；至少要有一条 [[policy]]。
policy_unnamed = 政策没有名称。
policy_version = 版本号应从 1 开始。
policy_for_nobody = 没有写明适用的目的地；填省级代码前两位或 "other"。
policy_from = 生效时刻“{ $value }”不是本世纪内的日期和时间，例如 2020-09-12T00:00:00+08:00。
policy_without_segments = 没有任何隔离段。
policy_twice = 政策“{ $policy }”第 { $version } 版重复。
policies_overlap = 目的地 { $region }：政策“{ $policy }”与“{ $other }”同时生效。
region_twice = 目的地 { $region } 写了两次。
segment_days = 天数为 { $days }，应为 1 至 { $most } 天。
test_outside = 第 { $day } 天的检测不在第 { $segment } 段之内（口岸采样只能在第 1 天）。
offset_range = 只能是 0 或 1。
release_hour = 解除时刻应为 1 至 23 点。
before_first_policy = 落地时间 { $landed_at } 早于最早的政策；可计算的最早时刻为 { $first }。
no_policy = 没有适用于 { $province } 的政策。
because_policy = 适用政策“{ $policy }”第 { $version } 版：目的地代码 { $regions }，{ $from } 起落地者适用。
because_day_one = { $anchor ->
    [border] 边检日期
    [checked_in] 入住日期
   *[landed] 落地日期
} { $counted_from }，第 1 天为 { $day_one }。
because_restarted = 最后一次接触日期 { $counted_from }，重新计算，第 1 天为 { $day_one }。
because_provisional = { $anchor ->
    [border] 边检时间
    [checked_in] 入住时间
   *[landed] 落地时间
}尚未登记，暂按落地时间计算。
because_day = { $on } 是第 { $day } 天，共 { $total } 天。
because_not_begun = { $on } 尚未开始，第 1 天为 { $day_one }。
because_over = { $on } 已期满，最后一天为 { $last }。
because_segment = 第 { $n } 段：{ $place ->
    [shanghai] 上海隔离点
    [destination] 目的地隔离点
    [home] 居所
   *[other] { $place } 隔离点
}，{ $responsible ->
    [shanghai_district] 上海市辖区
    [province] 目的地省
   *[city] 目的地市
}负责，{ $starts_on } 至 { $ends_on }，共 { $days } 天，已满 { $served } 天。
because_next_transfer = 下一次转运日期：{ $on }。
because_total_stands = 实际转运日期与计划不同，总天数 { $days } 天不变。
because_release_midnight = 最后一天 { $last } 的 24 时解除隔离：{ $released_at }。
because_release_hour = 最后一天 { $last } 的次日解除隔离：{ $released_at }。
because_release_full_days = 满 { $days } 个 24 小时解除隔离：{ $released_at }。
whom_title = 换一条规则会改变谁
whom_hint = 按另一条规则重新计算目前在管的人员，看谁的解除日期会变。这里只作试算，不改动任何人。
whom_back = 返回政策
whom_rule = 用已有的规则试算
whom_draft = 用草案试算
whom_draft_label = 草案（policies.toml 的写法）
whom_draft_hint = 可写一条或几条 [[policy]]。只计算在其起始时刻之后落地的人。
whom_example = 看一个例子
whom_unsound = 草案有误，未计算：
whom_line = 第 { $line } 行
whom_answer_title = 结果
whom_answer = 该规则涉及在管人员 { $n_for } 人，其中 { $n_changed } 人解除日期会变。
whom_before = 另有 { $n } 人在其起始时刻之前落地，仍按原规则。
whom_by_city = 按目的地
whom_for = 涉及
whom_changed = 日期会变
whom_days = 相差天数
whom_days_people = { $days } 天 { $n } 人
whom_people = 变化最大的人员
whom_now = 现解除
whom_then = 改为
whom_more = 未列出的还有（人）：
edition_same = 与现行文本相同，没有改动。
edition_known = 此版本号刚被他人占用，请核对后再启用。
edition_known_since = { $by } 已于 { $at } 启用第 { $number } 版，您的文本未启用。下面是它与新版的差异，请核对后再启用。
policy_must_stay = 政策 { $policy } 第 { $version } 版已经开始适用，不能删除；请另立新版本接替。
organisation_must_stay = 单位 { $organisation } 的代码或类别不能删改：台账和人员都引用它。
place_must_stay = 地区 { $adcode } 不能删除：人员和日报都引用它。
rules_title = 规则文本
rules_policies = 政策
rules_routes = 路线与时限
rules_organisations = 单位
rules_places = 地区与里程
rules_open = 编辑与版本
rules_of_file = 现行：安装自带的 { $file }，尚未启用过其他版本。
rules_of_edition = 现行：第 { $number } 版，{ $by } 于 { $at } 启用。原因：{ $reason }
rules_text = 全文
rules_hint = 先核对，看清改动再启用。启用后立即生效，其他节点数秒内跟上；已落地人员仍按原政策计算。
rules_reason = 启用原因
rules_check = 核对
rules_load = 启用
rules_sound = 核对无误，尚未启用。
rules_loaded = 第 { $number } 版已启用。
rules_unsound = 未启用，现行规则不变：
rules_change_title = 与现行文本的差异
rules_change = 增加 { $new } 行，删去 { $gone } 行
rules_history = 历次版本
rules_at = 启用时间
rules_by = 启用人
rules_begin_from = 以此版为底稿
