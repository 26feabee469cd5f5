"""What a value in a journal, or from a lane, may be: all outside is damage.

The types say it, so that msgspec refuses what is outside wherever it reads or converts; NaN and the
infinities are outside of every range. The bounds are generous to machines and mean to arithmetic:
what is in them can be squared, summed, divided and turned to a float without a loss.
"""

from typing import Annotated

from msgspec import Meta

from daskbench.units import LONGEST_S

#: Of rounds, launches, workers and threads.
MOST = 10**6
#: Floats hold every whole number up to here.
_MOST = 2**53 - 1
_MOST_SESSIONS = 2**12  # with its round a session makes one whole number that a float can hold

Count = Annotated[int, Meta(ge=0, le=_MOST)]
CountFromOne = Annotated[int, Meta(ge=1, le=_MOST)]
Bytes = Annotated[int, Meta(ge=0, le=2**60)]
Limit = Annotated[int, Meta(ge=1, le=2**60)]
Few = Annotated[int, Meta(ge=1, le=MOST)]
FewOrNone = Annotated[int, Meta(ge=0, le=MOST)]
Round = Annotated[int, Meta(ge=0, le=10**12)]
SessionNumber = Annotated[int, Meta(ge=0, le=_MOST_SESSIONS)]
Whole = Annotated[int, Meta(ge=-_MOST, le=_MOST)]

Seconds = Annotated[float, Meta(ge=0, le=LONGEST_S)]
#: No clock of ours sees less than a nanosecond: a work that took less was not timed.
SomeSeconds = Annotated[float, Meta(gt=0, le=LONGEST_S)]
Timed = Annotated[float, Meta(ge=1e-9, le=LONGEST_S)]
#: A difference of two counters of the kernel, which count in steps.
Difference = Annotated[float, Meta(ge=-LONGEST_S, le=LONGEST_S)]
Amount = Annotated[float, Meta(ge=0, le=1e30)]
Fraction = Annotated[float, Meta(ge=0, le=1)]
Number = Annotated[float, Meta(ge=-1e100, le=1e100)]
