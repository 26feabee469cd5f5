"""Valid ranges of values in journals and from lanes, as types that msgspec enforces.

NaN and the infinities are outside all of them. The bounds are generous for any machine, and such
that values can be squared, summed, divided and converted to float without overflow or loss.
"""

from typing import Annotated

from msgspec import Meta

from daskbench.units import LONGEST_S

#: The largest number of rounds, launches, workers and threads.
MOST = 10**6
#: Floats represent all integers up to here exactly.
_MOST = 2**53 - 1
_MOST_SESSIONS = 2**12  # session and round together fit one integer that a float represents

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
#: Nothing takes less than a nanosecond, the resolution of the clock.
PositiveSeconds = Annotated[float, Meta(gt=0, le=LONGEST_S)]
Timed = Annotated[float, Meta(ge=1e-9, le=LONGEST_S)]
#: A difference between two kernel counters, which may be negative as they count in steps.
Difference = Annotated[float, Meta(ge=-LONGEST_S, le=LONGEST_S)]
Amount = Annotated[float, Meta(ge=0, le=1e30)]
Fraction = Annotated[float, Meta(ge=0, le=1)]
Number = Annotated[float, Meta(ge=-1e100, le=1e100)]
