"""Lane processes (start, freeze, thaw, end) and the reaper that cleans up after them."""
