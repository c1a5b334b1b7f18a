setting_unknown = 没有设置项 { $setting }。全部设置项见 `config/default.toml`。
setting_wrong = 无法读取该设置项，应为：{ $expected }。
setting_out_of_range = 请填写 { $least } 到 { $most } 之间的数。
setting_not_ports = 请至少填写一个口岸，用三位大写字母的 IATA 代码，例如 PVG。
setting_token_short = 令牌至少 { $least } 个字符。
setting_file_unreadable = 无法读取文件 { $file }：{ $cause }。
settings_not_toml = 文件不是有效的 TOML，请检查第 { $line } 行。
