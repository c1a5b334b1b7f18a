custody_ended = 此人已解除隔离或离网，不能再交接。
