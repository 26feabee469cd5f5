"""How many loops to time, if a single one is too short for the clock."""


def more_loops(loops: int, factor: float) -> int:
    """Return the next number of loops to try, in timeit's steps of 1, 2, 5, 10, 20, 50...

    It is the smallest step above `loops` that, by the last sample, takes `factor` times as long.
    Source: ``timeit.Timer.autorange``.
    """
    step = 1
    while True:
        for multiple in (1, 2, 5):
            if step * multiple > loops and step * multiple >= loops * factor:
                return step * multiple
        step *= 10
