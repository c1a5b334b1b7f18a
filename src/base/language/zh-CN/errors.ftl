sign_in_first = 请先登录。
not_found = 没有找到：{ $what }。
invalid_fields = 有 { $count } 处需要更正。
internal_fault = 系统内部故障，已记录。请稍后再试。
unknown_language = 不支持的语言“{ $value }”，可用 zh 或 en。
