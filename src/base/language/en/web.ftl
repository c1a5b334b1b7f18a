problem_title = { $status ->
    [status_401] Not signed in
    [status_403] Not allowed
    [status_404] Not found
    [status_405] Not a way to ask
    [status_409] Not possible as things are
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
