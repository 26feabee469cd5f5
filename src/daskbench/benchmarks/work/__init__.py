"""A user's own work: functions and scripts, measured and proved without a class."""
