"""Lanes as processes: started, frozen, thawed, ended; and the reaper, which ends them all."""
