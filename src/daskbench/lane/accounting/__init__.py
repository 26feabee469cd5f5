"""The account of a sample: where the time of its threads went, in core-seconds. Pure functions."""
