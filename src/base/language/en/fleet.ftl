bad_plate = "{ $value }" is no number plate; it should look like 沪A12345 or 沪A12345D.
bad_seats = A vehicle has 1 to { $most } seats.
bad_load_cap = The load cap is 1 to { $most }: the rows at the back are the observation area.
bad_wheelchairs = There are 0 to { $most } places for wheelchairs.
bad_badge = A badge has 1 to 20 letters, digits or hyphens.
bad_staff_name = A name has 1 to 50 characters.
licence_missing = A driver needs the class of the driving licence.
changed_meanwhile = Somebody has changed this meanwhile (it is at version { $version }, you saw version { $seen }). Look again before you change it.
