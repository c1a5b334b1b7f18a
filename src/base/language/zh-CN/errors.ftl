sign_in_first = 请先登录。
not_found = 没有找到该{ $what ->
    [resource] 页面或资源
    [file] 文件
    [traveller] 人员
    [flight] 航班
    [party] 同行
    [hold] 暂缓
    [roster] 旅客名单
    [organisation] 单位
    [vehicle] 车辆
    [staff] 工作人员
    [trip] 车次
    [handoff] 交接
    [notice] 通知
    [notice_address] 地址
    [user] 用户
    [token] 令牌
    [phone_key] 手机
   *[other] 内容
}，或不在您的权限范围内。
invalid_fields = 有 { $count } 处需要更正。
internal_fault = 系统内部故障，已记录。请稍后再试。
unknown_language = 不支持的语言“{ $value }”，可用 zh 或 en。
