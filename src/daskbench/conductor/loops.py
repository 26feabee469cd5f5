"""How many loops to time, where one is shorter than the clock can tell."""


def more_loops(loops: int, factor: float) -> int:
    """Return the next number of loops to try, in timeit's steps of 1, 2, 5, 10, 20, 50...

    It is the least step that is above `loops` and, by the last sample, `factor` times longer.
    Source: ``timeit.Timer.autorange``.
    """
    step = 1
    while True:
        for multiple in (1, 2, 5):
            if step * multiple > loops and step * multiple >= loops * factor:
                return step * multiple
        step *= 10
