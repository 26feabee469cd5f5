"""What holds for every test: hypothesis is repeatable, and judges no wall-clock times."""

from hypothesis import settings

settings.register_profile("daskbench", deadline=None, derandomize=True, database=None)
settings.load_profile("daskbench")
