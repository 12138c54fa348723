"""The planner of an import and a second, plain one of the same rules, on random histories.

A history is some files, one after the other, for two patients and one who is not in the records.
The second planner keeps what is stored in a dictionary, and never looks at the first one.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from random import Random

from monitoring.exchange.import_plan import Plan
from monitoring.exchange.importing import import_results
from monitoring.exchange.incoming import Incoming, ResultStatus
from monitoring.record.laboratory_value import LaboratoryValue
from monitoring.record.level import Level
from monitoring.store.connection import Place
from monitoring.store.opening import Records
from monitoring.store.verify import verify
from tests.builders import a_laboratory_value, a_level, a_patient, at, later
from tests.campaign import sizes
from tests.monitoring.exchange.incoming_items import an_item, planned, who
from tests.stores import prepared, store_of

BEGIN = at("2026-10-01T08:00")
HOURS = (0, 0, 0, 1, 23, 24, 25, 60)
VALUES = ("6.1", "7.2", "7.20", "<7.2")
STATUSES = "FFFFFCCCPXWW"
NAMES = {
    "F": ResultStatus.FINAL, "C": ResultStatus.CORRECTED, "P": ResultStatus.PRELIMINARY,
    "X": ResultStatus.CANCELLED, "W": ResultStatus.WITHDRAWN,
}  # fmt: skip

Key = tuple[str, str, int]
Value = tuple[str, Decimal]


@dataclass(frozen=True)
class Line:
    """One result as the random laboratory reports it."""

    patient: str
    test: str
    hour: int
    value: str
    status: str

    @property
    def key(self) -> Key:
        return self.patient, self.test, self.hour

    @property
    def amount(self) -> Value:
        return self.value[: self.value.startswith("<")], Decimal(self.value.lstrip("<"))


def item_of(line: Line) -> Incoming:
    when = later(BEGIN, hours=line.hour)
    entry = (
        a_level(f"{line.value} ng/mL", when, hours=None)
        if line.test == "level"
        else a_laboratory_value("ALT", f"{line.value} U/L", when)
    )
    return an_item(entry, NAMES[line.status], patient=who(line.patient))


@dataclass
class Second:
    """The second planner, with the values of each identity, true for active ones."""

    stored: dict[Key, dict[Value, bool]] = field(default_factory=lambda: defaultdict(dict))

    def bring_in(  # noqa: C901, PLR0912, PLR0915 - all rules in one place, to be read at once
        self, lines: list[Line], known: set[str], *, skip: bool
    ) -> dict[str, int]:
        """Return what one file does, by counts, and do it unless something is refused."""
        before = {key: dict(values) for key, values in self.stored.items()}
        count: dict[str, int] = defaultdict(int)
        count["waiting"] = sum(line.patient not in known and line.status in "FCW" for line in lines)
        count["left out"] = sum(line.status in "PX" for line in lines)
        groups: dict[Key, list[Line]] = defaultdict(list)
        for line in lines:
            if line.patient in known and line.status in "FCW":
                groups[line.key].append(line)
        finals_added: list[Key] = []
        corrected_alone: list[tuple[Key, Value, int]] = []
        for key, group in groups.items():
            values = self.stored[key]
            withdrawn = {line.amount for line in group if line.status == "W"}
            if withdrawn:
                number = sum(line.status == "W" for line in group)
                if any(values.values()):
                    count["voids"] += sum(values.values())
                    count["already"] += number - 1
                elif values:
                    count["already"] += number
                else:
                    count["left out"] += number
                for each in values:
                    values[each] = False
            left = [line for line in group if line.status != "W" and line.amount not in withdrawn]
            count["left out"] += sum(line.status != "W" for line in group) - len(left)
            corrected = [line.amount for line in left if line.status == "C"]
            final = [line.amount for line in left if line.status == "F"]
            if corrected:
                count["left out"] += len(final)
                if len(set(corrected)) > 1:
                    count["refused"] += len(corrected)
                elif corrected[0] in values:
                    count["already"] += len(corrected)
                elif not values:
                    corrected_alone.append((key, corrected[0], len(corrected)))
                else:
                    count["voids"] += sum(values.values())
                    for each in values:
                        values[each] = False
                    values[corrected[0]] = True
                    count["added"] += 1
                    count["already"] += len(corrected) - 1
                continue
            new = [each for each in final if each not in values]
            count["already"] += len(final) - len(new)
            if new and (any(values.values()) or len(set(new)) > 1):
                count["refused"] += len(new)
            elif new:
                values[new[0]] = True
                count["added"] += 1
                count["already"] += len(new) - 1
                finals_added.append(key)
        for key, value, number in corrected_alone:
            if self._is_near_another(key, before, finals_added):
                count["refused"] += number
            else:
                self.stored[key][value] = True
                count["added"] += 1
                count["already"] += number - 1
        if count["refused"] and not skip:
            self.stored = defaultdict(dict, before)
        return {name: number for name, number in count.items() if number}

    @staticmethod
    def _is_near_another(key: Key, before: dict[Key, dict[Value, bool]], finals: list[Key]) -> bool:
        """Return whether an active value of the same test is at most 24 hours away."""
        patient, test, hour = key
        active = [each for each, values in before.items() if any(values.values())] + finals
        return any(
            (each[0], each[1]) == (patient, test) and abs(each[2] - hour) <= 24 for each in active
        )


def counts(plan: Plan) -> dict[str, int]:
    found = {
        "waiting": len(plan.waiting),
        "left out": sum(plan.skipped.values()),
        "voids": len(plan.to_void),
        "already": plan.already_there,
        "added": len(plan.additions),
        "refused": len(plan.refused),
    }
    return {name: number for name, number in found.items() if number}


def stored_in(records: Records, patient: str) -> dict[Key, dict[Value, bool]]:
    """Return the values of a patient as the records have them."""
    found: dict[Key, dict[Value, bool]] = defaultdict(dict)
    for each in records.store.find(patient).entries:
        entry = each.entry
        if isinstance(entry, Level | LaboratoryValue):
            is_level = isinstance(entry, Level)
            when = entry.sampled if isinstance(entry, Level) else entry.at
            hour = (when.utc - BEGIN.utc) // timedelta(hours=1)
            sign = entry.comparator.value if entry.comparator else ""
            key = (patient, "level" if is_level else "ALT", hour)
            assert (sign, entry.value.number) not in found[key], "a value is stored twice"
            found[key][sign, entry.value.number] = each.is_active
            assert sum(found[key].values()) <= 1, "two active values of one time"
    return dict(found)


@sizes(12, 30, 3_000)
def test_both_planners_agree_on_every_file_of_a_history(sqlite_place: Place, size: int) -> None:
    records, rng = Records(store_of(prepared(sqlite_place)), sqlite_place), Random(20261105)
    seen: dict[str, int] = defaultdict(int)
    for history in range(size):
        known = {f"H{history}-a", f"H{history}-b"}
        for number in sorted(known):
            records.store.add_patient(a_patient(number, f"Sample {number}"))
        second = Second()
        for _ in range(rng.randrange(1, 6)):
            lines = [
                Line(
                    rng.choice((*sorted(known), f"H{history}-unknown")),
                    rng.choice(("level", "level", "ALT")), rng.choice(HOURS), rng.choice(VALUES),
                    rng.choice(STATUSES),
                )
                for _ in range(rng.randrange(1, 8))
            ]  # fmt: skip
            plan = planned(records, *map(item_of, lines))
            skip = rng.random() < 0.7
            expected = second.bring_in(lines, known, skip=skip)
            assert counts(plan) == expected, lines
            if skip or not plan.refused:
                import_results(records, plan, backs_up=False)
            for name in expected:
                seen[name] += 1
            for number in known:
                ours = {k: v for k, v in second.stored.items() if k[0] == number and v}
                assert stored_in(records, number) == ours, lines
    assert set(seen) == {"waiting", "left out", "voids", "already", "added", "refused"}
    assert verify(records.store.engine).is_whole
