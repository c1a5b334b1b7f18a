sign_in_first = Sign in first.
not_found = Not found: this { $what ->
    [resource] page
    [file] file
    [traveller] traveller
    [flight] flight
    [party] party
    [hold] hold
    [roster] roster
    [organisation] organisation
    [vehicle] vehicle
    [staff] staff member
    [trip] trip
    [handoff] handoff
    [notice] notice
    [notice_address] address
    [user] user
    [token] token
    [phone_key] phone
   *[other] thing
}. It does not exist, or not for you.
invalid_fields = { $count } fields need correction.
internal_fault = An internal fault, it has been logged. Try again later.
unknown_language = Unknown language "{ $value }"; use zh or en.
