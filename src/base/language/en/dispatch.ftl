trip_state_name = { $state ->
    [planned] planned
    [announced] announced
    [boarding] boarding
    [departed] departed
    [arrived] arrived
    [closed] closed
    [cancelled] cancelled
   *[other] ?
}
trip_step_name = { $step ->
    [announce] be announced
    [board] begin boarding
    [depart] leave
    [arrive] arrive
    [close] be closed
    [cancel] be cancelled
   *[other] ?
}
trip_cannot = The trip is { trip_state_name }; it cannot { trip_step_name }.
trip_not_open = Trip { $trip } is { trip_state_name }; its seats and crew cannot change any more.
arrives_before_departure = A trip arrives after it has left.
not_happened_yet = The time cannot be later than now.
bad_reason = Give a reason, 1 to 200 characters.
legs_missing = A trip has at least one leg.
leg_ends_before_it_begins = A leg ends after it begins.
leg_leads_nowhere = A leg leads from one organisation to another.
legs_not_joined = The legs do not join: a leg begins where the one before it ended.
leg_begins_too_early = The legs do not join: a leg begins no earlier than the one before it ended.
bad_trip_load_cap = The load cap of a trip is 1 to { $most }, the vehicle's.
driver_missing = The crew needs a driver whose licence covers the vehicle ({ $kind }).
staff_out_of_service = Badge { $badge } is out of service and cannot be given a trip.
vehicle_out_of_service = Vehicle { $plate } is out of service and cannot be given a trip.
permit_missing = Vehicle { $plate } has no charter coach permit and cannot leave the province.
permit_expired = The charter coach permit of vehicle { $plate } expires on { $expired_on }; it cannot leave the province after that.
vehicle_taken = Vehicle { $plate } is taken by trip { $trip } from { $from } until { $until }, disinfection included. { $free ->
    [none] The organisation has no other of this kind free at that time.
   *[other] Free instead: { $free }.
}
staff_taken = Badge { $badge } is taken by trip { $trip } from { $from } until { $until }. { $free ->
    [none] The organisation has nobody else in this role free at that time.
   *[other] Free instead: badge { $free }.
}
vehicle_still_out = The vehicle has not come in from trip { $trip }; boarding cannot begin.
vehicle_not_disinfected = The vehicle is being disinfected after trip { $trip }; boarding can begin at { $until }.
already_seated = Somebody on the list has a seat on trip { $trip }, which must be taken back first.
trip_full = Trip { $trip } has no room: { $cap } may ride, { $taken } have a seat, { $wanted } more are wanted.
risk_mixed = On trip { $trip } close contacts would ride with others. They ride apart.
trip_changed_since_read = Trip { $trip } was changed, or has set out, since this was planned. Nothing was announced: plan the day anew once more.
party_split = A party is never split: this person rides with the others of the party, or none of them does.
bound_elsewhere = This person's transfer goes to { $province }, the trip to { $trip_province }.
not_seated = This person has no seat on trip { $trip }.
named_twice = This person is on the list twice.
nobody_named = The list is empty.
seat_not_usable = Seat { $seat } cannot be given: seats 1 to { $last } can, those behind are the observation area.
vehicle_too_small = { $plate } takes { $cap } people and { $aboard } have a seat. Choose a larger vehicle, or move some of them first.
vehicle_is_the_same = The trip has { $plate } already. Choose another.
vehicle_lacks_places = { $plate } has too { $what ->
    [wheelchairs] few places for wheelchairs
    [child_seats] few child seats
   *[luggage] little room for luggage
 }: { $has }, and { $needed } are needed. Take another vehicle, or move some of the people to another trip.
vehicle_away = Vehicle { $plate } is away from { $from } until { $until } ({ $because }). { $free ->
    [none] The organisation has no other of this kind free at that time.
   *[other] Free instead: { $free }.
}
staff_away = Badge { $badge } is away from { $from } until { $until } ({ $because }). { $free ->
    [none] The organisation has nobody else in this role free at that time.
   *[other] Free instead: badge { $free }.
}
no_case = This person is no case: neither a positive result nor the doctors hold them.
no_contact = This person is not among the contacts of the case.
no_contact_chosen = Choose at least one person.
