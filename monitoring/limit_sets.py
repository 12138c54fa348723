"""The sets of a clinic's limits in their order: the one in force, and the one that waits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from dosing import UserError
from dosing.knowledge.clinic_limits import (
    CHANGEABLE,
    ClinicLimits,
    changeable,
    check_order,
    value_texts,
)
from monitoring.record.entries import StoredEntry
from monitoring.record.limit_set import LimitSet
from monitoring.times import short


@dataclass(frozen=True)
class LimitSets:
    """Every set that can be read, the oldest first, and the one in force.

    The last signed one is in force. A later one waits for its signature and has no effect.
    """

    stored: Sequence[StoredEntry[LimitSet]]
    in_force: ClinicLimits
    """As the records have it: marked where the last signed set cannot be read."""

    @property
    def revision(self) -> int:
        """The number of the last set, 0 without one: a later writer is checked against it."""
        return self.stored[-1].number if self.stored else 0

    @property
    def waiting(self) -> StoredEntry[LimitSet] | None:
        """The set that nobody signed yet; None without one."""
        last = self.stored[-1] if self.stored else None
        return last if last is not None and not last.entry.is_signed else None

    @property
    def newest(self) -> ClinicLimits:
        """The set that waits, else the one in force."""
        return self.waiting.entry.limits if self.waiting else self.in_force

    def with_value(self, name: str, value: Decimal, by: str, reason: str, on: date) -> LimitSet:
        """Return the newest set with another value of a figure, to be signed.

        Raises `UserError` for a name that is not known, a value outside the range, the value that
        the newest set has already, and where the set in force cannot be read.
        """
        self._refuse_unread()
        limit = changeable(name)
        limit.checked(value)
        if self.newest.value_of(name) == value:
            raise UserError(f"{name} is {limit.shown(value)} already. Nothing was stored.")
        values = {**_all_values(self.newest), name: value}
        return LimitSet(
            on=on, figures=value_texts(values), decided_by=by, reason=reason, is_signed=False
        )

    def signed(self, by: str, reason: str, on: date, today: date) -> LimitSet:
        """Return the newest set with a signature: it is in force once it is stored.

        Raises `UserError` for a day to come, where a caution begins beyond a stop, and where the
        set in force cannot be read.
        """
        self._refuse_unread()
        if on > today:
            raise UserError(f"{short(on)} is in the future. Give the day of the signature.")
        values = _all_values(self.newest)
        check_order(values)
        return LimitSet(
            on=on, figures=value_texts(values), decided_by=by, reason=reason, is_signed=True
        )

    def _refuse_unread(self) -> None:
        """Refuse a set after one that cannot be read: its values would be lost unseen."""
        if self.in_force.is_unread:
            raise UserError(
                "The limits in force cannot be read. Run `sirolimus verify`, then restore a backup."
            )


def _all_values(limits: ClinicLimits) -> Mapping[str, Decimal]:
    """Return every value of a set, those that this version does not know among them."""
    return {name: limit.value for name, limit in CHANGEABLE.items()} | dict(limits.values)
