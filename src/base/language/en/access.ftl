role_name = { $role ->
    [airport_desk] airport desk
    [site] quarantine site
    [dispatcher] dispatcher
    [provincial_group] provincial work group
    [city_squad] city squad
    [coordinator] coordinator
    [auditor] auditor
    [administrator] administrator
    [machine] machine
   *[other] ?
}
act_name = { $act ->
    [import_roster] import rosters
    [view_travellers] see travellers
    [reveal_identity] open an identity
    [edit_traveller] edit travellers
    [reassign_policy] reassign a policy
    [set_hold] set a hold
    [clear_hold] clear a hold
    [grant_waiver] grant a waiver
    [enter_results] enter test results
    [manage_sites] manage sites and rooms
    [manage_fleet] manage vehicles and staff
    [view_trips] see trips
    [manage_trips] manage trips
    [board] board people
    [offer_handoff] offer a handoff
    [answer_handoff] answer a handoff
    [decide_handoff] decide a lapsed handoff
    [view_totals] see figures
    [seal_day] seal a day
    [sign_statement] sign a statement
    [manage_notices] manage notices
    [export] export lists
    [manage_users] manage users
    [manage_tokens] manage tokens
    [manage_policies] manage policies
    [view_audit] read the audit trail
    [verify] verify the ledger
    [purge] destroy identities
   *[other] ?
}
not_allowed = As { role_name }, you may not { act_name }.
not_allowed_in_part = Only a user whose scope is everything may { act_name }.
unknown_role = Unknown role "{ $value }"; use one of: { $known }.
scope_required = A user with the role { role_name } needs a scope: the codes of their province, city, district or organisation.
bad_scope = "{ $value }" is no scope: give an administrative code (32, 3205, 310115) or the code of an organisation.
bad_organisation_code = "{ $value }" is no organisation code: 2 to 40 lower-case letters, digits and hyphens, beginning with a letter.
bad_user_name = A user name has 2 to 40 letters, digits, dots, hyphens or underscores.
password_too_short = A password has at least { $least } characters.
password_too_long = A password has at most { $most } characters.
password_is_name = The password must not contain the user name.
bad_keys_file = The keys file cannot be read: { $reason ->
    [not_toml] it is not valid TOML (line { $line })
    [bad_secret] a secret is not 32 bytes in base64
    [no_newest] the newest key it names is not in it
    [twice] two keys have the same number
   *[other] ?
}.
sealing_key_missing = Key { $key } is not in the keys file, so what it sealed cannot be opened. Add it and try again.
wrong_name_or_password = User name or password is wrong.
too_many_attempts = Too many failed attempts to sign in. Try again in { $seconds } seconds.
bad_token_expiry = A token expires after now and at most { $days } days from now.
wrong_password = That is not the present password.
