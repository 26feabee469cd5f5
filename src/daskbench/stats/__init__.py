"""From samples to figures: pure functions, no files, no clocks."""
