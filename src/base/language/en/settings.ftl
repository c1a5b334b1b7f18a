setting_unknown = There is no setting { $setting }. `config/default.toml` lists them all.
setting_wrong = This setting cannot be read; it should be: { $expected }.
setting_out_of_range = Give a number from { $least } to { $most }.
setting_not_ports = Give at least one port of entry, each by its IATA code of three capital letters, such as PVG.
setting_token_short = A token has at least { $least } characters.
setting_file_unreadable = The file { $file } cannot be read: { $cause }.
settings_not_toml = The file is not valid TOML: look at line { $line }.
