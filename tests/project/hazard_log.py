"""The hazard log: its scale, its hazards with their ratings, and the page made from them.

The data are in docs/hazards.toml; a field that is missing, unknown or empty is refused.
"""

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from types import MappingProxyType

from tests.project.markdown import DOCS, MADE, anchor_of, table

LOG = DOCS / "hazards.toml"
PROPOSED = "proposed"
"""Who rated a hazard until a clinical safety officer has decided."""
_ASK_FROM = 3
"""From this risk on only the clinical safety officer can accept what remains."""


@dataclass(frozen=True, slots=True)
class Level:
    """One step of a scale of likelihood or severity."""

    name: str
    words: str


@dataclass(frozen=True, slots=True)
class RiskLevel:
    """One level of risk, and whether it can be accepted."""

    level: int
    words: str


@dataclass(frozen=True, slots=True)
class RiskScale:
    """The scale by which hazards are rated: likelihood by severity."""

    likelihoods: tuple[Level, ...]
    severities: tuple[Level, ...]
    levels: tuple[RiskLevel, ...]
    matrix: Mapping[str, tuple[int, ...]]
    """The risks of each likelihood, in the order of the severities."""

    def risk(self, likelihood: str, severity: str) -> int:
        """Return the level of risk; raises `KeyError` or `ValueError` outside of the scale."""
        return self.matrix[likelihood][[each.name for each in self.severities].index(severity)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hazard:
    """One row of the hazard log."""

    id: str
    title: str
    cause: str
    harm: str
    likelihood: str
    severity: str
    residual_likelihood: str
    residual_severity: str
    remains: str
    """What is left with the controls: the user, or the clinic, has to know it."""
    rated_by: str
    controls: tuple[str, ...]
    tests: tuple[str, ...]

    def __post_init__(self) -> None:
        """Raise `ValueError` where a field is empty."""
        for field in fields(self):
            value = getattr(self, field.name)
            texts = (value,) if isinstance(value, str) else value
            if not texts or not all(isinstance(text, str) and text.strip() for text in texts):
                raise ValueError(f"{self.id}: {field.name} is empty")


@dataclass(frozen=True, slots=True)
class HazardLog:
    """The hazards and the scale of their ratings."""

    scale: RiskScale
    hazards: tuple[Hazard, ...]

    def __post_init__(self) -> None:
        """Raise `ValueError` where an id comes twice, or a rating is not on the scale."""
        ids = Counter(each.id for each in self.hazards)
        if twice := [key for key, count in ids.items() if count > 1]:
            raise ValueError(f"{', '.join(twice)}: the id comes twice")
        for each in self.hazards:
            try:
                risks = self.initial(each), self.residual(each)
            except (KeyError, ValueError) as error:
                raise ValueError(f"{each.id}: a rating is not on the scale") from error
            if risks[1] > risks[0]:
                raise ValueError(f"{each.id}: the residual risk is above the initial one")

    def initial(self, hazard: Hazard) -> int:
        """Return the risk without the controls of this program."""
        return self.scale.risk(hazard.likelihood, hazard.severity)

    def residual(self, hazard: Hazard) -> int:
        """Return the risk that remains with them."""
        return self.scale.risk(hazard.residual_likelihood, hazard.residual_severity)


def hazard_log(path: Path = LOG) -> HazardLog:
    """Return the hazard log; raises `TypeError` or `ValueError` with the hazard that is wrong."""
    with path.open("rb") as file:
        data = tomllib.load(file)
    scale = RiskScale(
        tuple(Level(**each) for each in data["likelihood"]),
        tuple(Level(**each) for each in data["severity"]),
        tuple(RiskLevel(**each) for each in data["risk"]),
        MappingProxyType({name: tuple(row) for name, row in data["matrix"].items()}),
    )
    return HazardLog(scale, tuple(map(_hazard, data["hazard"])))


def _hazard(row: Mapping[str, object]) -> Hazard:
    try:
        return Hazard(**{  # type: ignore[arg-type]  # `Hazard` checks each of them
            name: tuple(value) if isinstance(value, list) else value for name, value in row.items()
        })  # fmt: skip
    except TypeError as error:
        raise TypeError(f"{row.get('id', 'a hazard without id')}: {error}") from error


def hazards() -> tuple[Hazard, ...]:
    """Return the hazards, read from docs/hazards.toml."""
    return hazard_log().hazards


_PAGE = """\
# Hazard log

{made}
## How to read it

[What can go wrong](what-can-go-wrong.md) is the page to begin with: the ten gravest hazards, and
how each is held. A hazard is something that could hurt a patient. This log has {count} of them, in
groups by the letter of their number: {groups}.

Each hazard has a cause, a harm, the controls of the program, and the tests that show that the
controls work. A hazard without a test, a test that does not exist, or an empty field fails the
checks. Which requirement carries which control, and whether its tests passed in the last run, is in
the [table of traceability](safety/traceability.md).

Each hazard is rated twice by the scale below: as if the program had no controls, and with them. The
harm itself stays as grave; the controls make it less likely. "Remains" says what is left: nearly
always something that a person has to look at, or that was not recorded.

**All ratings marked `proposed` ({proposed} of {count}) are the judgement of the authors of this
program, made at a desk and without incidents to count. They await the decision of a clinical
safety officer.** A decided rating has a name and a date in place of the mark. This cannot be done
by code.

| risk | before the controls | with them |
| --- | --- | --- |
{counts}

With the controls no hazard is above {highest}. Those that remain at {ask} can be accepted by
decision only:

{open}

## The scale

Risk from 1 to 5, by likelihood and severity:

{matrix}

{likelihoods}

{severities}

{levels}

The names of the steps and the shape of the scale follow the NHS guidance on DCB0129 and DCB0160 as
other published plans give it; the words are this project's, the figures of the matrix were not
compared with the guidance itself (see [what was checked](safety/README.md#what-was-checked)), and a
clinic that has a matrix of its own changes the table in `docs/hazards.toml`.

## All hazards

{all}
"""

_HAZARD = """\
## {id} {title}

**Cause.** {cause}

**Harm.** {harm}

**Risk.** {initial} before the controls ({likelihood}, {severity}); {residual} with them \
({residual_likelihood}, {residual_severity}). Rated by: {rated_by}.

**Remains.** {remains}

**Controls.**

{controls}

**Shown by.**

{tests}
"""

GROUPS = MappingProxyType(
    {
        "D": "the dose",
        "R": "the record",
        "M": "levels, adverse events and checks",
        "I": "imports",
        "P": "paper",
        "F": "the family's pages",
        "A": "the app",
        "K": "models and forecasts",
        "N": "use from Python",
        "T": "the course of treatment",
        "TA": "tapers and the clinic's choices",
        "U": "one answer on every page",
        "C": "several clinics together",
        "V": "versions of the program",
        "X": "files and the machine",
    }
)
"""The words for the letters of a hazard's number."""


def hazard_page(log: HazardLog) -> str:
    """Return the page of the hazard log: how to read it, the scale, a list, each hazard."""
    scale, count = log.scale, len(log.hazards)
    before = Counter(map(log.initial, log.hazards))
    after = Counter(map(log.residual, log.hazards))
    highest = max(after)
    remaining = [each for each in log.hazards if log.residual(each) >= _ASK_FROM]
    overview = _PAGE.format(
        made=MADE,
        count=count,
        groups=", ".join(f"{key} {words}" for key, words in GROUPS.items()),
        proposed=sum(each.rated_by == PROPOSED for each in log.hazards),
        counts="\n".join(
            f"| {level.level} | {before[level.level]} | {after[level.level]} |"
            for level in scale.levels
        ),
        highest=highest,
        ask=_ASK_FROM if highest <= _ASK_FROM else f"{_ASK_FROM} or more",
        open=_overview(log, remaining),
        matrix=table(
            ("likelihood", *(each.name for each in scale.severities)),
            ((name, *map(str, row)) for name, row in reversed(list(scale.matrix.items()))),
        ),
        likelihoods=table(("likelihood", "meaning"), _steps(scale.likelihoods)),
        severities=table(("severity", "meaning"), _steps(scale.severities)),
        levels=table(("risk", "meaning"), ((str(each.level), each.words) for each in scale.levels)),
        all=_overview(log, log.hazards),
    )
    return "\n".join([overview, *(_one(log, each) for each in log.hazards)])


_GRAVEST = 10
_INTRODUCTION = """\
# What can go wrong

{made}
To be read before the [hazard log](hazards.md), which has all {count} hazards with their tests. A
hazard is something that could hurt a patient. They are of a few kinds:

{kinds}

No program removes them. What it does is of four kinds: it **refuses** what cannot be right, and
says how to write it; it **stops** at a limit, and a named person has to give a reason to pass it;
it **shows** each value again in words before it is stored, and each answer with its reason; it
**keeps** every entry with its author, so an error can be found and traced. What a person has to do
is in "What remains" below. **The ratings are the judgement of the authors and await a clinical
safety officer.**

## The ten gravest

By the risk as if the program had no controls, then by what remains with them, on the
[scale from 1 to 5](hazards.md#the-scale).

{gravest}
## What a clinic has to do itself

- Read the name and the read-back before an entry is stored, and the whole alert before you pass it.
- Record every drug, missed dose and pregnancy: what is not in the record cannot forbid a dose.
- Take the old card back when a new one is given, and show the syringe.
- Look at `sirolimus due` every day: the program calls nobody.
- [Back up](backup.md), and try the restoration.
- Confirm the [proposed figures](safety/proposed-figures.md), and report what went wrong
  ([post-market plan](safety/post-market.md)).
"""
_GRAVE = """\
### {number}. {title}

{cause} {harm} Risk {initial}, with the controls {residual} ([{id}](hazards.md#{anchor})).

{controls}

**What remains.** {remains}
"""


def introduction_page(log: HazardLog) -> str:
    """Return the page to read before the log: the kinds of hazards, and the gravest ones."""
    severities = [each.name for each in log.scale.severities]

    def gravity(hazard: Hazard) -> tuple[int, int, int]:
        grave = severities.index(hazard.severity)
        return -log.initial(hazard), -log.residual(hazard), -grave

    letters = Counter(re.sub(r"\d+", "", each.id) for each in log.hazards)
    return _INTRODUCTION.format(
        made=MADE,
        count=len(log.hazards),
        kinds="\n".join(f"- {words}: {letters[key]}" for key, words in GROUPS.items()),
        gravest="\n".join(
            _GRAVE.format(
                number=number, title=each.title, cause=each.cause, harm=each.harm, id=each.id,
                initial=log.initial(each), residual=log.residual(each), anchor=anchor(each),
                controls="\n".join(f"- {control}" for control in each.controls),
                remains=each.remains,
            )
            for number, each in enumerate(sorted(log.hazards, key=gravity)[:_GRAVEST], start=1)
        ),
    )  # fmt: skip


def _steps(levels: Iterable[Level]) -> Iterable[tuple[str, str]]:
    return ((each.name, each.words) for each in levels)


def _overview(log: HazardLog, hazards: Iterable[Hazard]) -> str:
    headings = ("hazard", "title", "before", "with controls", "remains")
    return table(
        headings,
        (
            (f"[{each.id}](#{anchor(each)})", each.title, str(log.initial(each)),
             str(log.residual(each)), each.remains)
            for each in hazards
        ),
    )  # fmt: skip


def anchor(hazard: Hazard) -> str:
    """Return the anchor of a hazard's heading."""
    return anchor_of(f"{hazard.id} {hazard.title}")


def _one(log: HazardLog, hazard: Hazard) -> str:
    return _HAZARD.format(
        id=hazard.id, title=hazard.title, cause=hazard.cause, harm=hazard.harm,
        initial=log.initial(hazard), residual=log.residual(hazard),
        likelihood=hazard.likelihood, severity=hazard.severity,
        residual_likelihood=hazard.residual_likelihood,
        residual_severity=hazard.residual_severity,
        rated_by=hazard.rated_by, remains=hazard.remains,
        controls="\n".join(f"- {control}" for control in hazard.controls),
        tests="\n".join(f"- `{test}`" for test in hazard.tests),
    )  # fmt: skip
