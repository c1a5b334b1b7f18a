# 字段
field_missing = 此项必填，不能为空。
name_missing = 姓名和英文姓名至少填写一项。
text_too_long = 内容过长，最多 { $most } 个字符。
flight_no_unreadable = 航班号格式不正确，应如 MU588。
port_unknown = 不是已设置的口岸，可用：{ $ports }。
instant_unreadable = 日期时间无法识别，应如 2020-09-12 00:10（须含时间）。
birth_unreadable = 出生日期无法识别，应如 1988-03-09。
birth_after_landing = 出生日期晚于落地日期。
sex_unknown = 性别应为 男、女、M、F 或 X。
nationality_unreadable = 国籍应为三个字母的代码，如 CHN。
document_kind_unknown = 证件类型应为 护照、身份证、港澳通行证 或 台胞证。
document_no_shape = 证件号码与证件类型不符：长度或字符不对。
resident_id_shape = 身份证号码应为 18 位，且出生日期须真实存在；若在表格中显示为科学计数，请将该列设为文本后重新填写。
resident_id_check_digit = 身份证号码校验位不符，请对照证件核对。
health_unknown = 健康状况应为 正常、有症状、密接、疑似 或 确诊。
test_kind_unknown = 检测类型应为 核酸 或 抗体。
test_outcome_unknown = 结果应为 阴性、阳性 或 可疑。
# 行
bytes_are_no_text = 此处有乱码，无法识别为文字，请对照原表更正。
control_characters = 此行含有不可见的控制字符，请删除后重新保存。
quote_left_open = 此行有未闭合的引号，已跳过此行。
line_too_long = 此行过长，不是名单中的一行。
row_cut_off = 文件在此行中断，此行不完整。
row_longer_than_header = 此行的列数多于表头，内容可能已错位；含分隔符的内容请加引号。
cell_shows_an_error = 单元格显示为错误值，请更正公式或直接填写内容。
# 文件
file_empty = 文件中没有内容。
file_read_failed = 读取文件失败（{ $cause }），请稍后再试。
file_is_of_another_kind = 文件内容不是 { $kind }。
text_in_utf_16 = 文件为 UTF-16（Unicode 文本）编码，请另存为“CSV UTF-8（逗号分隔）”后再导入。
old_or_locked_workbook = 旧版（.xls）或加密的工作簿无法读取，请另存为未加密的 .xlsx 后再导入。
workbook_unreadable = 工作簿不完整或已损坏，请重新保存后再导入。
sheet_cut_off = 工作表在此处损坏，其后内容无法读取。
header_lacks_columns = 表头缺少必填列：{ $columns }。
header_names_column_twice = 表头中“{ $column }”一列重复出现。
# 航空旅客报文
message_cut_off = 报文在此处中断，此处不完整。
segment_unreadable = 此段不符合 EDIFACT 格式。
segment_stated_twice = 同一旅客的此段重复出现，其间可能丢失了一名旅客的开头。
service_string_unreadable = 报文开头的 UNA 段不正确。
message_is_no_passenger_list = 此报文不是旅客名单（PAXLST），已跳过。
passenger_count_differs = 报文声明的旅客人数与实际不符，实际为 { $found } 人。
segment_count_differs = 报文声明的段数与实际不符，实际为 { $found } 段。
# 护照机读区
mrz_not_two_lines = 机读区应为两行、每行 44 个字符，读到 { $found } 个。请重新扫描。
mrz_no_passport = 这不是护照的机读区（护照以 P 开头）。
mrz_unreadable = 机读区含有无法识别的字符，请重新扫描。
mrz_document_number_digit = 护照号码的校验位不符，请对照护照核对号码。
mrz_birth_digit = 出生日期的校验位不符，请对照护照核对。
mrz_expiry_digit = 有效期的校验位不符，请对照护照核对。
mrz_personal_number_digit = 个人号码的校验位不符，请对照护照核对。
mrz_composite_digit = 机读区总校验位不符，请重新扫描或逐项核对。
