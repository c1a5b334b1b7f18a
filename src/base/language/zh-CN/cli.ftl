keys_of_another_database = 密钥文件与此数据库不配套。请改用建库时的密钥文件（keys.file），否则无法辨认和打开已有人员。
keys_cannot_be_made = 无法建立密钥文件 { $file }：{ $cause }。
migrate_first = 数据库结构尚未更新（缺 { $migration }），请先运行 jiezhuan migrate。
migrated = 数据库结构已是最新。
policy_changed = 政策 { $policy } 第 { $version } 版已登记，内容不能再改；请另立新版本。
date_unreadable = 日期无法识别，请写成 2020-09-12
