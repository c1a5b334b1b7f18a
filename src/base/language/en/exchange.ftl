# Fields
field_missing = This field is required and empty.
name_missing = Give the name or the Latin name.
text_too_long = Too long; at most { $most } characters.
flight_no_unreadable = Not a flight number; write it like MU588.
port_unknown = Not a port in the settings; known ports: { $ports }.
instant_unreadable = Not a date with a time; write it like 2020-09-12 00:10.
birth_unreadable = Not a date; write it like 1988-03-09.
birth_after_landing = The date of birth is after the landing.
sex_unknown = Write M, F, X, 男 or 女.
nationality_unreadable = Write the nationality as three letters, like CHN.
document_kind_unknown = Write passport, resident_id, hk_macao_permit or taiwan_permit.
document_no_shape = A document of this kind has no such number: wrong length or characters.
resident_id_shape = A resident number has 18 characters with a real date of birth. If a spreadsheet shows it with an exponent, make the column text and enter it again.
resident_id_check_digit = The check character of the resident number does not agree; compare it with the document.
health_unknown = Write ok, symptomatic, close_contact, suspected or confirmed.
test_kind_unknown = Write nucleic_acid or antibody.
test_outcome_unknown = Write negative, positive or indeterminate.
# Rows
bytes_are_no_text = The bytes here are no text; correct the field from the original.
control_characters = The row holds invisible control characters; delete them and save again.
quote_left_open = A quote is opened in this row and not closed; the row was passed over.
line_too_long = The line is too long to be a row.
row_cut_off = The file breaks off in this row.
row_longer_than_header = The row has more fields than the header; its values may have shifted. Quote values that hold the delimiter.
cell_shows_an_error = The cell shows an error; correct the formula or type the value.
# Files
file_empty = There is nothing in the file.
file_read_failed = The file could not be read ({ $cause }); try again.
file_is_of_another_kind = The content of the file is not { $kind }.
text_in_utf_16 = The text is UTF-16 ("Unicode text"); save it as "CSV UTF-8" and import that.
old_or_locked_workbook = An old (.xls) or encrypted workbook cannot be read; save it as .xlsx without a password.
workbook_unreadable = The workbook is incomplete or damaged; save it again.
sheet_cut_off = The sheet is damaged here; what follows cannot be read.
header_lacks_columns = The header lacks required columns: { $columns }.
header_names_column_twice = The header names "{ $column }" twice.
# Passenger lists
message_cut_off = The message breaks off here.
segment_unreadable = Not a segment of EDIFACT.
segment_stated_twice = This segment comes twice for one traveller; the beginning of another may have been lost in between.
service_string_unreadable = The UNA at the beginning is wrong.
message_is_no_passenger_list = This message is not a passenger list (PAXLST) and was passed over.
passenger_count_differs = The message states another number of passengers; found { $found }.
segment_count_differs = The message states another number of segments; found { $found }.
# Machine-readable zones
mrz_not_two_lines = A passport's zone has two lines of 44 characters; read { $found }. Scan again.
mrz_no_passport = Not the zone of a passport, which begins with P.
mrz_unreadable = The zone holds characters that cannot be; scan again.
mrz_document_number_digit = The check digit of the passport number does not agree; compare the number.
mrz_birth_digit = The check digit of the date of birth does not agree; compare the date.
mrz_expiry_digit = The check digit of the date of expiry does not agree; compare the date.
mrz_personal_number_digit = The check digit of the personal number does not agree; compare it.
mrz_composite_digit = The check digit over the whole zone does not agree; scan again or compare every field.
