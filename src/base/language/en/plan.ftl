plan_format_unknown = Unknown format; dispatch-instance/1 is read.
plan_bad_minute = This should be a sensible number of minutes.
plan_bad_range = This should be [from, to], from not after to.
plan_not_a_count = This should be a whole number from { $least } to { $most }.
plan_not_square = There should be as many rows and columns as locations.
plan_id_twice = This id is there twice.
plan_missing = This is missing.
plan_unknown_place = No such index in locations.
plan_unknown_site = No such site in sites.
plan_unknown_licence = No such licence in params.licence_rank.
plan_seconds_wrong = Write seconds between 0.1 and 86400
plan_file_unwritable = { $file } cannot be written: { $cause }.
plan_moved = { $moved } of { $persons } persons on a trip, { $left } left out
plan_trips = { $trips } trips (no fewer than { $bound } could do)
plan_hours = { $hours } vehicle hours (no fewer than { $bound } could do)
plan_waiting = { $hours } person-hours of waiting, { $km } km
plan_reason_name = { $reason ->
    [no_suitable_vehicle] no vehicle takes them
    [site_hours] the site does not receive when they could get there
    [site_full] the site is full
    [pickup_window] they can board at no time
    [ride_too_long] the ride would take too long
    [no_vehicle_free] no vehicle free
    [no_crew_free] no crew free
    [driving_law] no crew may lawfully drive it
    [other_risk_only] the site receives others only
    [outranked] others were taken before them
    [by_hand] changed by hand
   *[other] ?
}
plan_reason = { plan_reason_name }: { $parties } parties, { $persons } persons
plan_written = Written to { $file }
plan_searched = { $steps } steps, { $seconds } s (first plan after { $first } s)
plan_disturbed = Of the parties announced, { $kept } are kept, { $vehicle } change vehicle, { $time } board at another time, { $dropped } are on no trip
plan_change = Trip { $trip }: { $change ->
    [cancelled] cancelled
    [vehicle] vehicle { $before } → { $after }
    [crew] crew { $before } → { $after }
    [time] { $party } boards { $before } → { $after }
    [off] { $party } moves to { $after }
    [on] { $party } joins
   *[other] ?
}
plan_change_because = { $what } ({ $because })
plan_cause = { $cause ->
    [vehicle] the vehicle is not available
    [staff] crew not available
    [party_gone] no longer to be moved
    [party_later] ready later
    [party_other] another class or size
    [site] the site does not receive
    [law] against the rules at the old times
    [making_room] room for somebody else
   *[other] ?
}
driving_unreadable = The file of driving rules cannot be read: { $cause }
driving_out_of_range = This is out of range.
plan_without_way = A trip of the plan leads nowhere.
plan_announced = { $trips } trips announced: { $first } to { $last }
plan_kept = { $people } more people are due and may not move
plan_rule = { $rule ->
    [trip_named_once] { $of }: two trips have this name.
    [acts_in_order] { $of }: things would happen in the wrong order, or outside the time that can be planned.
    [vehicle_available] { $of }: no vehicle is available for that long.
    [legs_join] { $of }: the legs do not join.
    [night_ban] { $of }: coaches do not drive from 02:00 to 05:00.
    [driver_on_trip] { $of }: somebody drives who is not one of its drivers.
    [board_once] { $of }: a party boards once, before anybody alights.
    [pickup_window] { $of }: the time in which people may board would be missed.
    [service_time] { $of }: too little time to board or alight.
    [capacity] { $of }: they do not fit in: load cap, wheelchair places, child seats or luggage.
    [right_site] { $of }: no site may receive them.
    [site_hours] { $of }: the site does not receive at the time of arrival.
    [site_room] { $of }: the site has no room left.
    [ride_excess] { $of }: somebody would ride for too long.
    [not_mixed] { $of }: people of different provinces or risk classes do not ride together.
    [most_sites] { $of }: it would serve too many sites.
    [crew] { $of }: no fitting driver, medic or escort is free.
    [disinfection] { $of }: no time to disinfect the vehicle between two trips.
    [one_place] { $of }: somebody would be on two trips at once.
    [continuous_driving] { $of }: driving for too long without a break.
    [driving_24h] { $of }: driving for too long within 24 hours.
    [rest] { $of }: too little rest since the last duty.
    [duty] { $of }: duty or driving would be longer than allowed.
    [everybody] { $of }: neither moved nor accounted for, or moved twice.
    [true_reason] { $of }: the reason given for leaving it out is not true.
   *[other] { $of }: { $rule }
}
proposal_searching = The search is still going on; stop it first, then change or announce.
proposal_without_plan = There is no plan to use yet.
proposal_announced = { $by } announced this proposal at { $at }; nothing of yours was done.
proposal_replaced = { $by } planned this day anew at { $at } and this proposal is void; nothing of yours was done.
proposal_changed = { $by } changed this proposal at { $at }; nothing of yours was done. Look at it as it is now first.
proposal_being_searched = { $by } is having this day planned just now.
too_many_searches = { $most } days are being planned already; try again in a moment.
page_balance = Two weeks ahead
balance_enough = There are seats and drivers enough for the next two weeks
balance_shortages = Short of seats or drivers
balance_short = { $on }, { $province }: { $seats } seats and { $drivers } drivers short.
balance_hint = Who becomes due each day, against the seats of trips already made and of free vehicles (within their load caps, one run a day each) the free coach drivers of that day, and how many people the sites of each city have confirmed (due / beds). Whoever goes home within Shanghai rides with the districts and is not counted.
balance_seats = seats
balance_drivers = drivers
balance_nobody = Nobody becomes due in the next two weeks, and there are no vehicles.
ways_estimated = Driving times are estimated from the air line
ways_measured = Driving times are those of the routing server
ways_failed = The routing server gave no driving times ({ $cause }); they are estimated from the air line
