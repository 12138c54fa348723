"""A treatment that began elsewhere: the dose being given, former doses, weights and levels.

The doses are recorded as they were given: this program did not propose them. What the limits and
the record say about them is shown as alerts, and forbids nothing.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any, ClassVar

from textual.widget import Widget
from textual.widgets import Static

from dosing import (
    ORAL_SOLUTION,
    PROTOCOLS,
    REVIEW,
    Product,
    Quantity,
    QuantityKind,
    TargetTrough,
    UserError,
    read_quantity,
)
from dosing.dosage import EVERY_12_HOURS, HOURS_A_DAY
from dosing.quantities.formatting import product_name
from monitoring.prescribing import check_prescription, typed_prescription
from monitoring.record.entry import name_text
from monitoring.record.kinds import kind_of
from monitoring.record.prescription import Prescription, read_strength
from monitoring.summary import PatientSummary
from monitoring.times import Moment
from monitoring.visit import PartProblem, VisitPart
from tui.app.screens.parts_form import (
    FormPart,
    PartsForm,
    ReadParts,
    RepeatedRows,
    parts_named,
    problem_of,
)
from tui.app.screens.prescribe import INTERVALS
from tui.app.text import words
from tui.app.widgets.choice import Choice
from tui.app.widgets.field import Field
from tui.app.widgets.time_field import TimeField

GIVEN = "prescribed elsewhere"
"""The reason why a dose is recorded as given; a name may follow."""
_NOW = "dose-now"
_FIRST_BODY = "body-1"
_TYPED = ("mg", "evening", "strength", "target", "since")
"""The fields of a dose with text."""
_FORMER = tuple(f"dose-{number}" for number in range(1, 13))
_BODIES = parts_named(FormPart.of(f"body-{number}", "measurement") for number in range(1, 7))
_LEVELS = parts_named(FormPart.of(f"level-{number}", "level") for number in range(1, 13))


class TreatedBefore(PartsForm):
    """A form for a patient who is already on sirolimus, prescribed elsewhere."""

    HEADING = "Already on sirolimus"
    HELP = (
        "Record the dose being given and since when. Below it, former doses, weights and levels of "
        "before, as far as they are known: the next row of doses or weights opens behind you once "
        "you go on, never in front of you. Each "
        "level is assessed with the dose of its time. The doses are recorded as prescribed "
        "elsewhere: no limit stops them, and every alert is shown. Doses missed or on hold are "
        "recorded afterwards, in their own form."
    )
    BINDINGS: ClassVar[list[Any]] = []

    def __init__(self, summary: PatientSummary) -> None:
        """Take a patient without a current dose."""
        super().__init__(summary)
        self._is_first_weight = summary.history.weight_on(summary.made.local.date()) is None

    def blocks(self) -> Iterator[Widget]:
        """Yield the dose being given, the doses before it, the weights and the levels."""
        yield _heading("Dose being given", is_first=True)
        yield from self._dose(_NOW)
        yield self.made(
            Choice(
                "Protocol",
                [(each.name, each) for each in PROTOCOLS.values()],
                REVIEW,
                id="protocol",
            )
        )
        yield self.made(
            Field(
                "Prescribed by", _read_name, required=False, example="a clinic or a name", id="by"
            )
        )
        yield _heading("Doses before")
        yield self.rows(RepeatedRows("doses", _FORMER, self._dose, self._is_used, opens_late=True))
        yield _heading("Weights and heights")
        yield self.rows(
            RepeatedRows(
                "bodies", tuple(_BODIES), self._body, lambda name: self.is_filled(_BODIES[name]),
                opens_late=True,
            )
        )  # fmt: skip
        yield _heading("Levels of before")
        yield self.rows(
            RepeatedRows(
                "levels", tuple(_LEVELS), lambda name: self.part_widgets(_LEVELS[name]),
                lambda name: self.is_filled(_LEVELS[name]),
            )
        )  # fmt: skip

    def _body(self, name: str) -> Iterator[Widget]:
        is_asked_twice = name == _FIRST_BODY and self._is_first_weight
        return self.part_widgets(_BODIES[name], f"{name}-again" if is_asked_twice else "")

    def _dose(self, name: str) -> Iterator[Widget]:
        """Yield the fields of a dose; a former one has the present product by default."""
        is_now = name == _NOW
        products = [(product_name(each), each) for each in Product]
        as_now: list[tuple[str, Any]] = [] if is_now else [("as now", None)]
        widgets: tuple[Field[Any] | Choice[Any], ...] = (
            Field("Dose", _read_dose, required=is_now, example="0.44 mg, each time",
                  id=f"{name}-mg"),
            Choice("How often", [(words, hours) for hours, words in INTERVALS.items()],
                   EVERY_12_HOURS, id=f"{name}-times"),
            Field("Evening dose", _read_dose, required=False, example="if it differs: 0.4 mg",
                  id=f"{name}-evening"),
            Choice("Product", [*as_now, *products], ORAL_SOLUTION if is_now else None,
                   id=f"{name}-product"),
            Field("Strength", read_strength, required=False,
                  example="of a dilution: 0.5 mg/mL", id=f"{name}-strength"),
            Field("Target", TargetTrough.read, required=False,
                  example="the protocol's, or 4-10 ng/mL", id=f"{name}-target"),
            TimeField("From", self.time_reader, required=is_now, example="2026-03-01T08:00",
                  id=f"{name}-since"),
        )  # fmt: skip
        yield from map(self.made, widgets)

    def _is_used(self, name: str) -> bool:
        """Return whether anything was typed into a dose."""
        return any(self.text_of(f"{name}-{each}").strip() for each in _TYPED)

    # --- reading

    def read_parts(self) -> ReadParts:
        """Return the weights, the doses and the levels, each in the order of time."""
        problems: list[PartProblem] = []
        bodies = [each for part in _BODIES.values() for each in self._read_part(part, problems)]
        doses = [each for name in (_NOW, *_FORMER) for each in self._dose_part(name, problems)]
        levels = [each for part in _LEVELS.values() for each in self._read_part(part, problems)]
        doses.sort(key=_begins)
        problems += _in_disorder(doses)
        return ReadParts(
            (*sorted(bodies, key=_begins), *doses, *sorted(levels, key=_begins)), tuple(problems)
        )

    def _read_part(self, part: FormPart, problems: list[PartProblem]) -> list[VisitPart]:
        if not self.is_filled(part):
            return []
        try:
            if part.name == _FIRST_BODY and self._is_first_weight:
                self.check_weight_twice(f"{part.name}-weight", f"{part.name}-again")
            return [VisitPart(name=part.name, entry=each) for each in self.entries_of(part)]
        except UserError as error:
            problems.append(problem_of(part.name, part.kind.what, error))
            return []

    def _dose_part(self, name: str, problems: list[PartProblem]) -> list[VisitPart]:
        if name != _NOW and not self._is_used(name):
            return []
        try:
            dose, now = self._prescription(name), self.session.now()
            # For an impossible time; what it means is shown with the other parts.
            check_prescription(self.summary.record, dose, now, marks=self.session.clinic.marks)
            return [VisitPart(name=name, entry=dose)]
        except UserError as error:
            what = "dose being given" if name == _NOW else "dose before"
            problems.append(problem_of(name, what, error))
            return []

    def _prescription(self, name: str) -> Prescription:
        """Return a dose as it was given. Raises `UserError` for a missing or wrong value."""
        dose: Quantity | None = self.needed(f"{name}-mg")
        since: Moment | None = self.needed(f"{name}-since")
        if dose is None:
            raise UserError("Dose is missing. Enter the dose, each time.")
        if since is None:
            raise UserError("From is missing. Enter the time of the first dose.")
        evening: Quantity | None = self.needed(f"{name}-evening")
        hours = self.choice(f"{name}-times").value
        own = self.choice(f"{name}-product").value
        by = self.needed("by")
        return typed_prescription(
            since=since,
            dose_mg=dose.value,
            evening_mg=evening.value if evening else None,
            times_a_day=max(1, HOURS_A_DAY // hours),
            every_hours=hours if hours > HOURS_A_DAY else None,
            strength_mg_per_ml=self.needed(f"{name}-strength"),
            product=own or self.choice(f"{_NOW}-product").value,
            protocol=self.choice("protocol").value,
            target=self.needed(f"{name}-target"),
            given_reason=f"{GIVEN}: {by}" if by else GIVEN,
        )


def _begins(part: VisitPart) -> Any:
    """Return the time or the day of a part."""
    begins = getattr(part.entry, kind_of(part.entry).begins)
    return begins.utc if isinstance(begins, Moment) else begins


def _in_disorder(doses: list[VisitPart]) -> Iterator[PartProblem]:
    """Yield a problem for two doses of one start, and for a former one after the present."""
    for before, each in pairwise(doses):
        if _begins(before) == _begins(each):
            text = "Two doses begin at the same time. Correct one of them."
            yield PartProblem(name=each.name, text=text, asks_reason=False)
    if any(each.name == _NOW for each in doses) and doses[-1].name != _NOW:
        text = "A dose before begins after the dose being given. Correct one of them."
        yield PartProblem(name=doses[-1].name, text=text, asks_reason=False)


def _heading(text: str, *, is_first: bool = False) -> Static:
    return Static(words(text), classes="block -first" if is_first else "block")


def _read_dose(text: str) -> Quantity:
    return read_quantity(text, QuantityKind.DOSE)


def _read_name(text: str) -> str:
    return name_text(text, "The name of the clinic")
