"""The track record of a clinic's forecasts: kept on this machine, and shown beside every forecast.

It is computed with the cohort, which takes time, and kept outside the records: in the user's state
folder, with its moment and the build that made it. There are counts and shares in it, and no data
of patients. Figures of another build or of other tables are not shown again.
"""

import json
import re
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from dosing.build import this_build
from monitoring.store.state_folder import keep_in_state_folder, state_folder
from monitoring.times import Moment

if TYPE_CHECKING:
    from dosing.evaluation import ModelEvaluation
    from monitoring.store.store import Store

_FILE = "track-records.json"
_FORMAT = 1
_MOST_RECORDS = 100
"""The records whose figures were computed last."""
_HASH = re.compile("[0-9a-f]{64}")
_KEY = re.compile("[a-z][a-z0-9-]{0,39}")


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackRecord:
    """The share of a clinic's levels that was predicted within 30 %, by each method.

    The shares are from 0 to 1, and None without a level. Raises `ValueError` for other figures.
    """

    at: str
    """The moment of the computation, with its offset."""
    zone: str
    levels: int
    patients: int
    model: str
    """The key of the model, or of the average, that answered."""
    within_30: float | None
    within_30_low: float | None
    within_30_high: float | None
    last_level_within_30: float | None
    label_within_30: float | None

    def __post_init__(self) -> None:
        """Check the figures: they are read from a file."""
        for count in (self.levels, self.patients):
            if type(count) is not int or count < 0:
                raise ValueError("a count is not valid")
        shares = (
            self.within_30, self.within_30_low, self.within_30_high,
            self.last_level_within_30, self.label_within_30,
        )  # fmt: skip
        for share in shares:
            if (share is None) is not (self.levels == 0):
                raise ValueError("a share is missing")
            if share is not None and not (type(share) in {int, float} and 0 <= share <= 1):
                raise ValueError("a share is not valid")
        if not (isinstance(self.model, str) and _KEY.fullmatch(self.model)):
            raise ValueError("a model is not valid")
        _ = self.moment

    @property
    def moment(self) -> Moment:
        """The moment of the computation."""
        return Moment.read(self.at, self.zone)

    @classmethod
    def of(cls, found: "ModelEvaluation", now: Moment) -> "TrackRecord":
        """Return the track record in an evaluation of what forecasts answer by."""
        forward, last, label = (
            found.compared.forward, found.compared.last_level, found.compared.label,
        )  # fmt: skip
        return cls(
            at=str(now),
            zone=now.zone,
            levels=forward.n if forward else 0,
            patients=forward.patients if forward else 0,
            model=found.key,
            within_30=forward.f30.value if forward else None,
            within_30_low=forward.f30.low if forward else None,
            within_30_high=forward.f30.high if forward else None,
            last_level_within_30=last.f30.value if last else None,
            label_within_30=label.f30.value if label else None,
        )

    def to_dict(self) -> dict[str, object]:
        """Return the track record as a part of the document of a forecast."""
        is_known = self.levels > 0
        return {
            "at": self.at,
            "levels": self.levels,
            "patients": self.patients,
            "model": self.model,
            "f30": _rounded(self.within_30),
            "f30_interval_95_percent": (
                [_rounded(self.within_30_low), _rounded(self.within_30_high)] if is_known else None
            ),
            "last_level_f30": _rounded(self.last_level_within_30),
            "label_arithmetic_f30": _rounded(self.label_within_30),
        }


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 4)


def keep_track_record(store: "Store", found: "ModelEvaluation", now: Moment) -> None:
    """Keep the track record of the records behind a store, in the place of an earlier one.

    Where nothing can be kept, as of records to throw away, there is none.
    """
    records = store.watch.records
    if records is None:
        return
    kept = {records: TrackRecord.of(found, now), **{
        key: each for key, each in _kept().items() if key != records
    }}  # fmt: skip
    newest = dict(list(kept.items())[:_MOST_RECORDS])
    text = json.dumps(
        {
            "format": _FORMAT,
            "tables": this_build().label,
            "records": {key: asdict(each) for key, each in newest.items()},
        }
    )
    with suppress(OSError):
        keep_in_state_folder(_FILE, text)


def track_record(store: "Store") -> TrackRecord | None:
    """Return the kept track record of the records behind a store; None without a current one."""
    records = store.watch.records
    return None if records is None else _kept().get(records)


def _kept() -> dict[str, TrackRecord]:
    """Return the kept track records; none where the file is damaged, or of another build."""
    try:
        document = json.loads((state_folder() / _FILE).read_text(encoding="ascii"))
        if document["tables"] != this_build().label:
            return {}
        return {
            key: TrackRecord(**each)
            for key, each in document["records"].items()
            if _HASH.fullmatch(key)
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}
