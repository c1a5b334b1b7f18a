problem_title = { $status ->
    [status_401] Not signed in
    [status_403] Not allowed
    [status_404] Not found
    [status_405] Not a way to ask
    [status_409] Not possible as things are
    [status_410] No longer valid
    [status_412] Changed meanwhile
    [status_413] Too large
    [status_415] Not JSON
    [status_422] Please correct
    [status_429] Too many attempts
    [status_503] Not available at present
   *[other] Internal fault
}
body_too_large = The body is larger than the { $most } bytes that are taken.
body_not_json = Send JSON, with the header Content-Type: application/json.
body_unreadable = This cannot be read. Check the form of the request.
body_field_missing = This field is missing.
body_field_unknown = There is no such field.
body_field_wrong = This should be: { $expected }.
query_unreadable = This part of the address cannot be read.
bad_instant = Give an instant as 2020-09-12T00:10:00+08:00, or as local time 2020-09-12 00:10.
bad_date = Give a date as 2020-09-12.
bad_etag = Give the version as it was answered in ETag, such as "7".
bad_idempotency_key = Give 1 to 200 printable ASCII characters.
idempotency_key_reused = Another request was sent under this name. Give each request its own.
cross_site_request = This request came from another site and was not carried out.
method_not_allowed = This cannot be asked for in this way; the header Allow says how.
not_migrated = The database has not been brought up to this version. Run the migration.
cannot_listen = Cannot listen on { $address }: { $cause }.
page_name = Jiezhuan
page_skip = To the content
page_language = English
page_sign_in = Sign in
page_sign_in_lead = Transfer of inbound travellers
page_sign_out = Sign out
page_user_name = User name
page_password = Password
page_back = Back to the board
page_request = Request
page_board = Today
board_as_of = as of { $at }
board_calm = Nothing needs attention
board_attention = Needs attention
board_since_midnight = since 00:00
board_where = Who is where
board_province = Province
board_total = Total
board_no_destination = Not entered
board_due = Must move today
board_due_to = To
board_due_count = People
board_due_held = Held
board_due_cleared = Cleared
board_due_blocked = What keeps the others
board_due_nobody = Nobody is due to move today.
board_trips = Trips today
board_trips_none = No trip leaves today.
board_trip = Trip
board_plate = Vehicle
board_departs = Leaves
board_arrives = Arrives
board_seats = Seats
board_state = State
board_empty = There is nobody in the records yet. Import a roster to begin.
alarm_unbalanced = The figures of today do not balance. Run the verification.
alarm_late_trips = Late: { $trips }
alarm_blocked = { $count } of those due today are not cleared to move
alarm_no_destination = { $count } at the port have no destination entered
weekday_1 = Monday
weekday_2 = Tuesday
weekday_3 = Wednesday
weekday_4 = Thursday
weekday_5 = Friday
weekday_6 = Saturday
weekday_7 = Sunday
trip_state_planned = planned
trip_state_announced = announced
trip_state_boarding = boarding
trip_state_departed = on the way
trip_state_arrived = arrived
trip_state_closed = closed
trip_state_cancelled = cancelled
