"""A clinic's own limits: the proposed figures that a clinic may change, and the set in force.

A figure that a source states is fixed. So are the proposed ones that have no name here: they are
listed in `docs/safety/proposed-figures.md`. A set is a value: whatever checks a dose or a level is
given one, with the request or with the record, and nothing else holds it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from functools import lru_cache
from hashlib import sha256
from types import MappingProxyType
from typing import TypeVar

from dosing.alerts import NO_ALERTS, Alerts
from dosing.errors import UserError
from dosing.json_document import json_number
from dosing.knowledge.alert_catalogue import CLINIC_LIMITS_UNREAD
from dosing.knowledge.limits import (
    ANYONE,
    BOUNDS,
    FORWARD_RATIO,
    LIMIT_TABLE,
    LIMITS,
    LOADING_TABLET_ROUNDING,
    RETURN_RATIO,
    TABLET_ROUNDING,
    Limit,
    LimitTable,
)
from dosing.knowledge.references import CLINIC, PROPOSED
from dosing.knowledge.tdm_rules import (
    DRUG_JUST_CHANGED,
    HOLDING_CONSIDERED_ABOVE,
    LARGEST_FACTOR,
    LEVEL_RULES,
    MISFIT_ABOVE,
    OLDEST_TO_ADJUST,
    LevelRule,
)
from dosing.quantities.formatting import plain, short_date
from dosing.quantities.text import clean, quoted
from dosing.version import VERSION

_Figure = TypeVar("_Figure", int, Decimal)
AnyRule = LevelRule[int] | LevelRule[Decimal]

LOWEST_PART = Decimal("0.5")
HIGHEST_PART = Decimal("1.5")
# Proposed: a clinic's value is half to one and a half times the one here. Beyond it a figure is
# more probably a slip of the pen than a decision, and wants a change of the table.

RULES: Mapping[str, AnyRule] = MappingProxyType(
    {
        "factor-cap": LARGEST_FACTOR,
        "level-for-hold": HOLDING_CONSIDERED_ABOVE,
        "level-too-old": OLDEST_TO_ADJUST,
        "drug-too-recent": DRUG_JUST_CHANGED,
    }
)
"""The rules of levels that a clinic may change, by their names."""
_NEVER_BELOW = {"factor-cap": Decimal(1), "level-for-hold": Decimal(MISFIT_ABOVE.value)}
"""The values that a rule is not brought below: no rise at all, and the alert before it."""
_RATIO = "times"
"""The unit of a row that compares with the last value: neither side of it crosses 1."""

_TYPED = re.compile(r"(?P<number>[0-9]{1,6}(?:\.[0-9]{1,6})?)\s*(?P<unit>.{0,20})")
_SQUARED = re.compile(r"m(?:\^2|\*\*2|2)")
_STORED = re.compile(r"(?P<name>[a-z0-9-]{1,60})=(?P<value>[0-9]{1,6}(?:\.[0-9]{1,6})?)")
_SHOWN_OF_HASH = 8
_SHOWN_OF_NAME = 24
"""Letters of a name: the foot of a page has one line."""
_NEVER_BOTH = frozenset({FORWARD_RATIO, RETURN_RATIO})
"""A step is one of the two: their limits have no order."""
_OF_TABLETS = frozenset({TABLET_ROUNDING, LOADING_TABLET_ROUNDING})


@dataclass(frozen=True, slots=True)
class ChangeableLimit:
    """A proposed figure that a clinic may change: its name, its own value and the range."""

    name: str
    what: str
    unit: str
    value: Decimal
    use: str
    """What it does, and for whom."""
    lowest: Decimal
    highest: Decimal
    is_whole: bool = False
    """True for a number of days or of ng/mL without decimals."""

    def shown(self, value: Decimal) -> str:
        """Return a value with the unit."""
        return f"{plain(value)} {self.unit}"

    @property
    def range_words(self) -> str:
        """The range in words."""
        return f"{plain(self.lowest)} to {self.shown(self.highest)}"

    def read(self, text: str) -> Decimal:
        """Return the value of a text with its unit.

        Raises `UserError` for another unit or none, and for a value outside the range.

        >>> CHANGEABLE["dose-stop-child"].read("6 mg/m2/day")
        Decimal('6')
        """
        parts = _TYPED.fullmatch(text.strip())
        unit = _SQUARED.sub("m²", "".join(parts["unit"].split())) if parts else ""
        if parts is None or unit != self.unit.replace(" ", ""):
            raise UserError(
                f"{quoted(text)} is not a value of {self.name}. "
                f"Write it as in {self.shown(self.value)}."
            )
        return self.checked(Decimal(parts["number"]))

    def checked(self, value: Decimal) -> Decimal:
        """Return a value that is inside the range; raises `UserError` for others."""
        if not self.lowest <= value <= self.highest:
            raise UserError(
                f"{self.name} is {self.range_words}, not {self.shown(value)}. "
                "A value outside it needs a change of the program's table."
            )
        if self.is_whole and value != int(value):
            whole = self.shown(value.to_integral())
            raise UserError(f"{self.name} has no decimals. Write it as in {whole}.")
        return value


def _of_row(row: Limit) -> ChangeableLimit:
    own = row.value
    lowest, highest = own * LOWEST_PART, own * HIGHEST_PART
    if not row.figure.unit and own > 1:
        lowest = max(lowest, Decimal(1))
    elif not row.figure.unit:
        highest = min(highest, Decimal(1))
    whom = "" if row.whom is ANYONE else f" for {row.whom.words}"
    return ChangeableLimit(
        name=row.name,
        what=f"{row.figure.label} {row.bound.words.strip()}",
        unit=row.figure.unit or _RATIO,
        value=own,
        use=f"{row.kind.word}{whom} ({row.code})",
        lowest=lowest,
        highest=highest,
    )


def _of_rule(name: str, rule: AnyRule) -> ChangeableLimit:
    own, is_whole = Decimal(rule.value), isinstance(rule.value, int)
    lowest = max(own * LOWEST_PART, _NEVER_BELOW.get(name, Decimal(0)))
    highest = own * HIGHEST_PART
    if is_whole:
        lowest, highest = lowest.to_integral(ROUND_CEILING), highest.to_integral(ROUND_FLOOR)
    return ChangeableLimit(
        name=name, what=rule.meaning, unit=rule.unit, value=own, use="rule of levels",
        lowest=lowest, highest=highest, is_whole=is_whole,
    )  # fmt: skip


CHANGEABLE: Mapping[str, ChangeableLimit] = MappingProxyType(
    {row.name: _of_row(row) for row in LIMITS if row.name}
    | {name: _of_rule(name, rule) for name, rule in RULES.items()}
)
"""Every figure that a clinic may change, by its name, in the order of the tables."""

_NAME_OF_RULE = {id(rule): name for name, rule in RULES.items()}


@dataclass(frozen=True, slots=True)
class FixedLimit:
    """A proposed limit that this version does not let a clinic change."""

    what: str
    value: str
    use: str


def fixed_limits() -> Iterator[FixedLimit]:
    """Yield the proposed limits of doses and levels that are fixed in this version."""
    for row in LIMITS:
        if row.source == PROPOSED and not row.name:
            use = f"{row.kind.word} for {row.whom.words} ({row.code})"
            yield FixedLimit(row.figure.label, row.out_of_bounds, use)
    for rule in LEVEL_RULES:
        if rule.source == PROPOSED and id(rule) not in _NAME_OF_RULE:
            yield FixedLimit(rule.meaning, str(rule), "rule of levels")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClinicLimits:
    """The set of limits in force: values by their names, and who signed them.

    Names that are absent have the program's own value; a name that this version does not know
    has no effect. Without a signature it is the program's own set.
    """

    values: tuple[tuple[str, Decimal], ...] = ()
    signed_by: str = ""
    signed_on: date | None = None
    is_unread: bool = False
    """True where the clinic has a set that cannot be read: the program's own applies meanwhile."""

    @property
    def is_signed(self) -> bool:
        """Return whether somebody signed the set."""
        return self.signed_on is not None

    def value_of(self, name: str) -> Decimal:
        """Return the value of a figure; raises `UserError` for a name that is not known."""
        own = changeable(name).value
        return dict(self.values).get(name, own)

    @property
    def changed(self) -> Mapping[str, Decimal]:
        """The values that differ from the program's own, in the order of the tables."""
        return {
            name: self.value_of(name)
            for name, limit in CHANGEABLE.items()
            if self.value_of(name) != limit.value
        }

    @property
    def unsigned(self) -> tuple[str, ...]:
        """The names that a signed set lacks, as the figures of a newer version."""
        known = dict(self.values)
        return tuple(each for each in CHANGEABLE if each not in known) if self.is_signed else ()

    @property
    def table(self) -> LimitTable:
        """The rows of limits with the values of the set."""
        return _table(self.values)

    def rule(self, rule: LevelRule[_Figure]) -> LevelRule[_Figure]:
        """Return a rule of levels with the value of the set; a fixed one is returned as it is."""
        name = _NAME_OF_RULE.get(id(rule))
        value = dict(self.values).get(name, rule.value) if name else rule.value
        if value == rule.value:
            return rule
        return replace(rule, value=type(rule.value)(value), source=CLINIC)

    @property
    def hash(self) -> str:
        """The hash of every value in force: two sets with the same hash have the same limits."""
        return _hash(self.values)

    @property
    def short_hash(self) -> str:
        """The beginning of the hash, as pages show it."""
        return self.hash[:_SHOWN_OF_HASH]

    @property
    def words(self) -> str:
        """The set in one line, as every page names it.

        >>> DEFAULT_LIMITS.words
        'Limits: defaults of version 0.1.0, not signed'
        """
        if self.is_unread:
            return f"Limits: the clinic's cannot be read; defaults of version {VERSION}"
        if self.signed_on is None:
            return f"Limits: defaults of version {VERSION}, not signed"
        name, most = clean(self.signed_by), _SHOWN_OF_NAME
        name = name if len(name) <= most else f"{name[: most - 1]}…"
        return f"Limits: signed by {name} on {short_date(self.signed_on)}, hash {self.short_hash}"

    @property
    def code(self) -> str:
        """The set in a few letters, for a page without room."""
        return f"limits {self.short_hash if self.is_signed else 'not signed'}"

    @property
    def alerts(self) -> Alerts:
        """The caution of a set that cannot be read; none otherwise."""
        return Alerts((CLINIC_LIMITS_UNREAD.alert(),)) if self.is_unread else NO_ALERTS

    def to_dict(self) -> dict[str, object]:
        """Return the set as every JSON document names it."""
        return {
            "set": "signed" if self.is_signed else "defaults",
            "signed_by": self.signed_by or None,
            "signed_on": str(self.signed_on) if self.signed_on else None,
            "hash": self.hash,
            "changed": {name: json_number(value) for name, value in self.changed.items()},
            "unread": self.is_unread,
        }


@lru_cache(maxsize=8)
def _hash(values: tuple[tuple[str, Decimal], ...]) -> str:
    known = {name: value for name, value in values if name in CHANGEABLE}
    return hash_of_values({name: limit.value for name, limit in CHANGEABLE.items()} | known)


@lru_cache(maxsize=8)
def _table(values: tuple[tuple[str, Decimal], ...]) -> LimitTable:
    own = dict(values)
    if not own:
        return LIMIT_TABLE
    return LimitTable([_with_value(row, own.get(row.name, row.value)) for row in LIMITS])


def _with_value(row: Limit, value: Decimal) -> Limit:
    """Return a row with a value of the clinic's own, whose source is the clinic then."""
    if value == row.value:
        return row
    return replace(row, value=value, row=replace(row.row, source=CLINIC))


DEFAULT_LIMITS = ClinicLimits()
"""The program's own limits, which nobody signed."""


def changeable(name: str) -> ChangeableLimit:
    """Return the figure of this name; raises `UserError` for one that is not changeable."""
    if name not in CHANGEABLE:
        raise UserError(
            f"{quoted(name)} is not a limit that a clinic may change. "
            "`sirolimus clinic limits` lists their names."
        )
    return CHANGEABLE[name]


def hash_of_values(values: Mapping[str, Decimal]) -> str:
    """Return the hash of values by their names: the same in every version of the program.

    >>> from decimal import Decimal
    >>> hash_of_values({"a": Decimal("1.50")}) == hash_of_values({"a": Decimal("1.5")})
    True
    """
    return sha256("\n".join(value_texts(values)).encode()).hexdigest()


def value_texts(values: Mapping[str, Decimal]) -> tuple[str, ...]:
    """Return values as `name=value`, by their names.

    >>> value_texts({"step-stop": Decimal("5.0"), "height-loss": Decimal(2)})
    ('height-loss=2', 'step-stop=5')
    """
    return tuple(f"{name}={plain(values[name])}" for name in sorted(values))


def read_value_texts(texts: Iterable[str]) -> tuple[tuple[str, Decimal], ...]:
    """Return the values of texts that `value_texts` made. Raises `UserError` for others."""
    found: dict[str, Decimal] = {}
    for text in texts:
        parts = _STORED.fullmatch(text)
        if parts is None or parts["name"] in found:
            raise UserError(f"{quoted(text)} is not a limit with its value. Check the set.")
        found[parts["name"]] = Decimal(parts["value"])
    return tuple(sorted(found.items()))


def check_order(values: Mapping[str, Decimal]) -> None:
    """Check that no weaker alert begins beyond a stronger one about the same.

    Raises `UserError`, with both limits.
    """
    rows = [replace(row, value=values.get(row.name, row.value)) for row in LIMITS]
    for weak in rows:
        for strong in rows:
            if (
                strong.kind > weak.kind
                and _are_of_one_figure(weak, strong)
                and _is_beyond(weak, strong)
            ):
                raise UserError(
                    f"{weak.name or weak.code} ({weak.out_of_bounds}, {weak.kind.word}) is beyond "
                    f"{strong.name or strong.code} ({strong.out_of_bounds}, {strong.kind.word}). "
                    "Change one of them."
                )


def _are_of_one_figure(one: Limit, other: Limit) -> bool:
    same = one.code == other.code and one.whom == other.whom
    about = {
        (each.figure.label, each.figure.unit, each.figure in _OF_TABLETS, _is_lower(each))
        for each in (one, other)
    }
    return same and len(about) == 1 and {one.figure, other.figure} != _NEVER_BOTH


def _is_lower(row: Limit) -> bool:
    return row.bound in (BOUNDS["<"], BOUNDS["<="])


def _is_beyond(weak: Limit, strong: Limit) -> bool:
    return weak.value < strong.value if _is_lower(weak) else weak.value > strong.value
