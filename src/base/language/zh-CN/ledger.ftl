custody_ended = 此人已解除隔离或离网，不能再交接。
keeps_for_nobody = 您未归属任何单位，不能代为留存。
root_differs = { $on } 的链值与贵方所留不符，请双方核对。
