bad_plate = “{ $value }”不是有效的车牌号，应如 沪A12345 或 沪A12345D。
bad_seats = 座位数应为 1 至 { $most }。
bad_load_cap = 载客上限应为 1 至 { $most }：车厢后部留作留观区。
bad_wheelchairs = 轮椅位应为 0 至 { $most }。
bad_badge = 工号应为 1 至 20 个字母、数字或连字符。
bad_staff_name = 姓名应为 1 至 50 个字。
licence_missing = 驾驶员必须填写准驾车型。
changed_meanwhile = 内容已被他人修改（现为第 { $version } 版，您看到的是第 { $seen } 版），请刷新后再改。
