unreadable_document = The file cannot be read: { $fault }.
no_policies = There is no policy; give at least one [[policy]].
policy_unnamed = The policy has no name.
policy_version = Versions count from 1.
policy_for_nobody = No destination is named; give the first two digits of a province, or "other".
policy_from = "{ $value }" is not a date and time of this century, such as 2020-09-12T00:00:00+08:00.
policy_without_segments = There is no segment.
policy_twice = Policy "{ $policy }" version { $version } is there twice.
policies_overlap = For destination { $region }, policies "{ $policy }" and "{ $other }" begin at the same time.
region_twice = Destination { $region } is named twice.
segment_days = { $days } days; it must be 1 to { $most }.
test_outside = The test on day { $day } is not inside segment { $segment } (a port test is on day 1 only).
offset_range = Only 0 or 1.
release_hour = The hour of release must be 1 to 23.
before_first_policy = The landing at { $landed_at } is before the first policy; the first instant covered is { $first }.
no_policy = No policy is for { $province }.
because_policy = Policy "{ $policy }", version { $version }, applies: destinations { $regions }, landings from { $from }.
because_day_one = The date of { $anchor ->
    [border] the border stamp
    [checked_in] checking in
   *[landed] landing
} is { $counted_from }; day 1 is { $day_one }.
because_restarted = Last exposed on { $counted_from }; the count restarts, day 1 is { $day_one }.
because_provisional = The time of { $anchor ->
    [border] the border stamp
    [checked_in] checking in
   *[landed] landing
} is not known yet; the landing stands in for it.
because_day = { $on } is day { $day } of { $total }.
because_not_begun = On { $on } it has not begun; day 1 is { $day_one }.
because_over = On { $on } it is over; the last day was { $last }.
because_segment = Segment { $n }: { $place ->
    [shanghai] a site in Shanghai
    [destination] a site at the destination
    [home] at home
   *[other] a site in { $place }
}, { $responsible ->
    [shanghai_district] the Shanghai district
    [province] the province
   *[city] the city
} answers; { $starts_on } to { $ends_on }, days: { $days }, served: { $served }.
because_next_transfer = The next transfer is on { $on }.
because_total_stands = A move was not on its planned date; the total of { $days } days stands.
because_release_midnight = Released at 24:00 of the last day, { $last }: { $released_at }.
because_release_hour = Released on the day after the last day, { $last }: { $released_at }.
because_release_full_days = Released when { $days } times 24 hours have passed: { $released_at }.
whom_title = Whom would another rule change?
whom_hint = Counts everybody now in the chain anew by another rule, and tells whose day of release would change. It is only a trial: nobody is changed.
whom_back = Back to the policies
whom_rule = Try a rule that there is
whom_draft = Try a draft
whom_draft_label = Draft (as in policies.toml)
whom_draft_hint = One or several [[policy]] rows. Only those who landed after its start are counted.
whom_example = An example
whom_unsound = The draft is not sound, so nothing was counted:
whom_line = Line { $line }
whom_answer_title = Result
whom_answer = The rule is for { $n_for } people now in the chain; { $n_changed } of them would be released on another day.
whom_before = Another { $n } landed before it begins and would keep their rule.
whom_by_city = By destination
whom_for = Concerned
whom_changed = Other day
whom_days = Days
whom_days_people = { $days } days: { $n } people
whom_people = Those whose day changes most
whom_now = Released
whom_then = Would be
whom_more = People not listed:
edition_same = This is the text in force; nothing is changed.
edition_known = Somebody else has just taken this number. Check again, then put it in force.
edition_known_since = { $by } put edition { $number } in force on { $at }; your text was not. Below is how it differs from the new one: check it, then put it in force.
policy_must_stay = Version { $version } of policy { $policy } has begun and cannot be left out; add a new version to follow it.
organisation_must_stay = Organisation { $organisation } can neither be left out nor become another kind: the ledger and people refer to it.
place_must_stay = Place { $adcode } cannot be left out: people and figures refer to it.
rules_title = Texts of the rules
rules_policies = Policies
rules_routes = Routes and deadlines
rules_organisations = Organisations
rules_places = Places and distances
rules_open = Edit, and editions
rules_of_file = In force: { $file } of the installation; nothing else has been loaded yet.
rules_of_edition = In force: edition { $number }, put in force by { $by } on { $at }. Reason: { $reason }
rules_text = The whole text
rules_hint = Check first, and see what changes. It is in force at once, on other nodes within seconds; whoever has landed is counted by the policy they were given.
rules_reason = Why
rules_check = Check
rules_load = Put in force
rules_sound = Sound, and not yet in force.
rules_loaded = Edition { $number } is in force.
rules_unsound = Not put in force; the rules stay as they are:
rules_change_title = What differs from the text in force
rules_change = { $new ->
    [one] 1 line new
   *[other] { $new } lines new
}, { $gone ->
    [one] 1 line gone
   *[other] { $gone } lines gone
}
rules_history = Editions
rules_at = In force since
rules_by = By
rules_begin_from = Begin from this one
