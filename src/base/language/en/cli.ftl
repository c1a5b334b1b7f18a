keys_of_another_database = These keys do not belong to this database. Use the keys file it was made with (keys.file), or nobody in it can be matched or opened.
keys_cannot_be_made = The keys file { $file } cannot be made: { $cause }.
migrate_first = The database's schema is not up to date ({ $migration } is missing); run jiezhuan migrate first.
migrated = The database's schema is up to date.
policy_changed = Version { $version } of policy { $policy } is registered and cannot be changed; make a new version.
date_unreadable = This is no date; write 2020-09-12
