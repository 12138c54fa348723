"""One study in every spelling of a table: the same fits.

A random patient is written once plainly, with one row a dose and times in hours, and then in random
spellings of all that a table may vary. Times are quarters of an hour, so that all are exact.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

import pytest

from tests.campaign import cases
from tests.dosing.nonmem.table_models import fitted

RUN_IN = 1_500
"""Doses before a steady state: nothing is left of the time before them."""


@dataclass(frozen=True)
class Regimen:
    first_h: float
    mg: float
    every_h: float
    count: int
    is_steady: bool = False
    is_after_reset: bool = False


@dataclass(frozen=True)
class Sample:
    """A patient: regimens one after another, levels with their bound, and changes of the weight."""

    regimens: list[Regimen]
    levels: list[tuple[float, float, bool]]
    weights: list[tuple[float, float]]
    """Until when each weight holds; the last one for ever."""

    def weight(self, at_h: float) -> float:
        return next(kg for until, kg in self.weights if at_h <= until)


def sample_of(random: Random) -> Sample:
    regimens, at_h = [], random.choice([0.0, 0.0, 7.25])
    for number in range(random.randint(1, 3)):
        every_h = random.choice([8.0, 12.0, 12.0, 24.0])
        regimen = Regimen(
            at_h, random.choice([0.3, 0.5, 0.52, 1.0]), every_h, random.randint(1, 20),
            is_steady=random.random() < 0.4,
            is_after_reset=number > 0 and random.random() < 0.3,
        )  # fmt: skip
        regimens.append(regimen)
        at_h += every_h * regimen.count + random.choice([0, 0, 0.5, 13.25])
    first_h, last_h = regimens[0].first_h, at_h
    cuts = {each.first_h for each in regimens}
    times = {
        first_h + 0.25 * random.randint(1, int(4 * (last_h - first_h)) + 100) for _ in range(4)
    }
    levels = [
        (at, random.choice([2.5, 4.0, 7.25, 11.0, 16.5]), random.random() < 0.2)
        for at in sorted(times)
        if at not in cuts
    ]
    changes = sorted(first_h + 0.25 * random.randint(1, 800) for _ in range(random.randint(0, 2)))
    kilograms = [random.choice([9.5, 16.0, 23.1]) for _ in range(len(changes) + 1)]
    return Sample(regimens, levels, list(zip([*changes, float("inf")], kilograms, strict=True)))


@dataclass
class Row:
    at_h: float
    evid: int
    order: int
    cells: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Spelling:
    separator: str = ","
    missing: str = "."
    has_evid: bool = True
    has_mdv: bool = True
    time: str = "hours"
    is_expanded: bool = True
    is_run_in: bool = True
    is_one_row: bool = False
    """A reset and the dose after it are one row, EVID 4."""
    begins_again: bool = False
    is_flagged: bool = False
    """BLQ and LLOQ instead of CENS."""
    number: str = "plain"
    extras: bool = False
    seed: int = 0


def random_spelling(random: Random, sample: Sample) -> Spelling:
    has_resets = any(each.is_after_reset for each in sample.regimens)
    separator = random.choice([",", ", ", "\t", " ", "   "])
    time = random.choice(["hours", "clock", "DATE", "DAT1", "DAT2", "DAT3"])
    return Spelling(
        separator=separator,
        missing=random.choice([".", "NA", "."] + [""] * (separator in {",", ", ", "\t"})),
        has_evid=has_resets or random.random() < 0.6,
        has_mdv=random.random() < 0.5,
        time=time,
        is_expanded=random.random() < 0.4,
        is_run_in=random.random() < 0.4,
        is_one_row=random.random() < 0.5,
        begins_again=time in {"hours", "clock"} and random.random() < 0.5,
        is_flagged=random.random() < 0.5,
        number=random.choice(["plain", "E", "D", "nonmem"]),
        extras=random.random() < 0.6,
        seed=random.randrange(10**6),
    )


def rows_of(sample: Sample, spelling: Spelling) -> Iterator[Row]:
    for number, each in enumerate(sample.regimens):
        yield from dose_rows(each, spelling, 3 * number + 3, is_first=number == 0)
    for at_h, dv, is_below in sample.levels:
        cells = {"DV": f"{dv}", "MDV": "0"}
        if is_below:
            cells |= {"BLQ": "1", "DV": "0"} if spelling.is_flagged else {"CENS": "1"}
        if spelling.is_flagged:
            cells["LLOQ"] = f"{dv if is_below else 0.5}"
        yield Row(at_h, 0, 0, cells)
    for until_h, _ in sample.weights[:-1]:
        yield Row(until_h, 2, 1, {"MDV": "1"})


def dose_rows(each: Regimen, spelling: Spelling, order: int, *, is_first: bool) -> Iterator[Row]:
    first_h, count, steady = each.first_h, each.count, each.is_steady
    is_expanded = spelling.is_expanded
    if steady and spelling.is_run_in and is_first:  # nothing is before it to be replaced
        first_h, count = first_h - RUN_IN * each.every_h, count + RUN_IN
        steady = is_expanded = False
    if each.is_after_reset and not spelling.is_one_row:
        yield Row(first_h, 3, order)
    evid = 4 if each.is_after_reset and spelling.is_one_row else 1
    more = 0 if is_expanded else count - 1
    for place in range(count if is_expanded else 1):
        cells = {"AMT": f"{each.mg}", "MDV": "1"}
        is_steady = steady and place == 0
        if more or is_steady:
            cells |= {"II": f"{each.every_h}", "ADDL": f"{more}"}
        if is_steady:
            cells["SS"] = "1"
        at_h = first_h + place * each.every_h
        yield Row(at_h, evid if place == 0 else 1, order + 1, cells)


def written(sample: Sample, spelling: Spelling) -> str:
    random = Random(spelling.seed)
    rows = sorted(rows_of(sample, spelling), key=lambda row: (row.at_h, row.order))
    begun_h = rows[0].at_h
    if spelling.extras:
        rows.insert(0, Row(begun_h - 1, 0, 0, {"DV": "0", "MDV": "0"}))  # before the first dose
        rows.append(Row(rows[-1].at_h + 5, 0, 0, {"DV": "99", "MDV": "0", "EXCL": "1"}))
    names = ["ID", "TIME", "AMT", "DV", "II", "ADDL", "SS", "WT"]
    names += ["BLQ", "LLOQ"] if spelling.is_flagged else ["CENS"]
    names += ["EVID"] * spelling.has_evid + ["MDV"] * spelling.has_mdv
    if spelling.time not in {"hours", "clock"}:
        names.append(spelling.time)
    if spelling.extras:
        names += ["EXCL", "CMT", "RATE", "DVID", "SEX", "comment"]
    random.shuffle(names)
    lines = [spelling.separator.join(_in_some_case(random, name) for name in names)]
    noon = datetime(2023, 11, 30, 6, 0)  # noqa: DTZ001 - a clock without a zone, as in a table
    again_h = 0.0
    for row in rows:
        if spelling.begins_again and row.evid in {3, 4}:
            again_h = row.at_h
        cells = {
            "ID": random.choice(["7", "7.0", "7.00", "7.0000E+00"]),
            "EVID": f"{row.evid}",
            "WT": f"{sample.weight(row.at_h)}",
            **row.cells,
        }
        at = row.at_h - again_h
        when = noon + timedelta(hours=row.at_h - begun_h)
        cells |= _time_cells(random, spelling, at, when)
        if spelling.extras:
            cells |= {"CMT": {0: "2", 2: "0", 3: "0"}.get(row.evid, "1"), "RATE": "0", "SEX": "1"}
            cells |= {"DVID": "1" if row.evid == 0 else "0", "comment": "note"}
        lines.append(
            spelling.separator.join(
                _number(spelling, name, cells.get(name, spelling.missing)) for name in names
            )
        )
        if spelling.number == "nonmem" and random.random() < 0.2:
            lines += ["TABLE NO.  1", lines[0]]
    if spelling.separator == ",":
        lines.insert(0, "# a synthetic study")
    return "\n".join(lines) + "\n"


def _in_some_case(random: Random, name: str) -> str:
    return random.choice([name, name.lower(), name.title()])


def _time_cells(random: Random, spelling: Spelling, at_h: float, when: datetime) -> dict[str, str]:
    if spelling.time == "hours" or (spelling.time == "clock" and at_h < 0):
        return {"TIME": f"{at_h}"}
    if spelling.time == "clock":
        return {"TIME": f"{int(at_h)}:{round(at_h % 1 * 60):02}"}
    year = f"{when.year}" if random.random() < 0.5 else f"{when.year % 100:02}"
    parts = {"d": f"{when.day}", "m": f"{when.month:02}", "y": year}
    order = {"DATE": "mdy", "DAT1": "dmy", "DAT2": "ymd", "DAT3": "ydm"}[spelling.time]
    hour = when.hour + when.minute / 60
    return {
        "TIME": f"{when:%H:%M}" if random.random() < 0.7 else f"{hour}",
        spelling.time: random.choice("-/").join(parts[each] for each in order),
    }


def _number(spelling: Spelling, name: str, cell: str) -> str:
    is_number = cell.lstrip("-").replace(".", "", 1).isdigit()
    if spelling.number == "plain" or not is_number or name in {"ID", "DATE"}:
        return cell
    text = f"{float(cell):.6E}"
    return text.replace("E", "D") if spelling.number == "D" else text


@pytest.mark.parametrize("seed", range(cases(20, full=1000)))
def test_one_study_in_every_spelling_has_the_same_fits(seed: int) -> None:
    random = Random(seed)
    sample = sample_of(random)
    plain = Spelling()
    expected = fitted(written(sample, plain))
    assert len(expected) == 1
    usual = expected.iloc[0]
    assert usual["levels"] == len(sample.levels), usual["problem"]
    for _ in range(3):
        spelling = random_spelling(random, sample)
        text = written(sample, spelling)
        found = fitted(text)
        assert len(found) == 1, text
        row = found.iloc[0]
        assert row["levels"] == len(sample.levels), (spelling, row["problem"], text)
        assert row["eta_CL"] == pytest.approx(usual["eta_CL"], abs=1e-8), (spelling, text)
        assert row["ofv"] == pytest.approx(usual["ofv"], rel=1e-8, abs=1e-8), (spelling, text)
