"""The last event before a moment, for all patients at once.

A patient's place in a table and a second make one number: the second in the lower 40 bits, enough
for every year of the calendar, the place above them. The events of all patients are then on one
line, and bisection finds the last one before a moment.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Whole: TypeAlias = npt.NDArray[np.int64]
    Real: TypeAlias = npt.NDArray[np.float64]
    Truth: TypeAlias = npt.NDArray[np.bool_]
    Times: TypeAlias = npt.NDArray[np.datetime64]

HOUR_S = 3600
DAY_S = 86400
_SECOND_BITS = 40
FOR_EVER_S = 2 ** (_SECOND_BITS - 1)
_NOBODY = -1


def on_line(place: "Whole", at_s: "Whole") -> "Whole":
    """Return places (0 and up) and seconds as one number each."""
    return (place << _SECOND_BITS) + at_s


def seconds_of(times: "Times") -> "Whole":
    """Return times as whole seconds since 1970; a missing one is in the far future."""
    import numpy as np  # noqa: PLC0415 - heavy

    at_s = times.astype("datetime64[s]").astype("int64")
    return np.where(np.isnat(times), FOR_EVER_S, at_s)


@dataclass(frozen=True, slots=True)
class Events:
    """Events of all patients, sorted by patient and time.

    The first row belongs to nobody and means no event: every event has a row before it.
    """

    place: "Whole"
    at_s: "Whole"

    @classmethod
    def of(cls, place: "Whole", at_s: "Whole") -> "Events":
        """Return sorted events with the first row put before them."""
        import numpy as np  # noqa: PLC0415 - heavy

        return cls(np.append(_NOBODY, place), np.append(0, at_s))

    def last(self, place: "Whole", until_s: "Whole") -> "Whole":
        """Return the row of each patient's last event up to a time, or the first row."""
        import numpy as np  # noqa: PLC0415 - heavy

        line = on_line(self.place, self.at_s)
        row = line.searchsorted(on_line(place, until_s), side="right") - 1
        return np.where(self.place[row] == place, row, 0)
