sign_in_first = Sign in first.
not_found = Not found: { $what }.
invalid_fields = { $count } fields need correction.
internal_fault = An internal fault, it has been logged. Try again later.
unknown_language = Unknown language "{ $value }"; use zh or en.
