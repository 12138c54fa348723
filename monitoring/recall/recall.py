"""The recall: every stored proposal, dose and printed page of a build, beside what is said now.

The present answer is made of the same inputs: of a proposal those that were kept with it, of a
typed dose and of a page the record as it was then. Only the clinic's settings and its limits are
those of today.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from dosing import UserError
from dosing.build import Build
from dosing.knowledge.clinic_limits import ClinicLimits
from dosing.quantities.text import quoted
from dosing.version import UNKNOWN
from monitoring.clinic_choices import USUAL_CHOICES, ClinicChoices
from monitoring.prescribing import check_prescription, propose
from monitoring.recall.kept_proposal import KeptProposal, statement_of_proposal
from monitoring.recall.statement import ChangedFact, Statement, codes_in_words, statement_of
from monitoring.record.entries import Record, StoredEntry
from monitoring.record.prescription import Prescription
from monitoring.state import starting_dose_safety
from monitoring.store.print_log import LoggedCopy, PrintedPage, logged_copies, printed_pages
from monitoring.summary import summarise
from monitoring.times import Moment, short

if TYPE_CHECKING:
    from monitoring.store.store import Store

_FEWEST_DIGITS = 7
_VERSION = re.compile(r"[0-9]+(?:\.[0-9A-Za-z]+)+")
_DIGITS = re.compile(rf"[0-9a-f]{{{_FEWEST_DIGITS},64}}")


@dataclass(frozen=True, slots=True)
class WantedBuild:
    """The builds of a recall: a version, a label, or the first digits of a commit or a hash."""

    typed: str

    def __post_init__(self) -> None:
        """Raise `UserError` for a text that is none of them."""
        if not (_VERSION.fullmatch(self.typed) or self.is_label or self.is_hash):
            raise UserError(
                f"{quoted(self.typed)} is no version and no hash. Write a version such as 0.1.0, "
                f"or at least {_FEWEST_DIGITS} digits of a commit or of a hash of the tables."
            )

    @property
    def is_label(self) -> bool:
        """True for the label of one build, as pages print it."""
        return Build.of_label(self.typed).label == self.typed

    @property
    def is_hash(self) -> bool:
        """True for the first digits of a commit or of a hash of the clinical tables."""
        return _DIGITS.fullmatch(self.typed) is not None

    def met_by(self, build: Build) -> str:
        """Return by which of its names a build is meant; empty if it is another one."""
        if self.is_label:
            return self.typed if build.label == self.typed else ""
        if not self.is_hash:
            return build.version if build.version == self.typed else ""
        for name, digits in (("commit", build.commit), ("tables", build.tables_short)):
            if digits != UNKNOWN and (
                digits.startswith(self.typed) or self.typed.startswith(digits)
            ):
                return f"{name} {digits}"
        return ""


class RecalledKind(StrEnum):
    """The kinds of what a build made: accepted proposals, other recorded doses, printed pages."""

    PROPOSAL = "proposal"
    DOSE = "dose"
    PRINT = "print"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalled:
    """One thing that a build made: what it said then, and what this build says."""

    kind: RecalledKind
    what: str
    """The dose, or the name of the printed document."""
    number: int
    """The number of the entry, or of the page in the print log."""
    at: Moment
    by: str
    build: Build
    is_active: bool = True
    """False for an entry that was voided since."""
    then: Statement | None
    """None for a page of the whole clinic."""
    now: Statement | None
    why_not: str = ""
    """Why it cannot be calculated again; empty where it is."""

    @property
    def changes(self) -> tuple[ChangedFact, ...]:
        """The facts that are others now."""
        return self.then.changes(self.now) if self.then and self.now else ()

    def to_dict(self) -> dict[str, object]:
        """Return it as a part of the document of `sirolimus recall --json`."""
        return {
            "kind": self.kind.value,
            "what": self.what,
            "number": self.number,
            "at": str(self.at),
            "by": self.by,
            "made_by": self.build.to_dict(),
            "voided": not self.is_active,
            "then": dict(self.then.facts) if self.then else None,
            "now": dict(self.now.facts) if self.now else None,
            "changes": [
                {"fact": each.name, "then": each.then, "now": each.now} for each in self.changes
            ],
            "why_not": self.why_not or None,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class RecalledPatient:
    """A patient and what a build made of the record, in its order."""

    record: Record
    recalled: tuple[Recalled, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recall:
    """Everything in the records that the wanted builds made."""

    wanted: WantedBuild
    patients: tuple[RecalledPatient, ...]
    of_clinic: tuple[Recalled, ...]
    """The printed pages of the whole clinic."""
    copies: tuple[LoggedCopy, ...]
    """The copies that these records come from and that the builds made."""
    unmarked: tuple[str, ...]
    """The versions of entries that do not say their commit and tables, where these are wanted."""
    logged_since: Moment | None
    """The time of the first page in the print log; earlier prints are unknown."""
    removed: int
    """The number of removed patients: what was made for them is in their exports alone."""
    limits: ClinicLimits
    """The clinic's limits in force, by which everything is calculated again."""

    @property
    def every(self) -> tuple[Recalled, ...]:
        """Everything, the patients' first."""
        return (*(each for one in self.patients for each in one.recalled), *self.of_clinic)

    def to_dict(self) -> dict[str, object]:
        """Return the document that `sirolimus recall --json` prints."""
        return {
            "made_by": self.wanted.typed,
            "patients": [
                {
                    "record_number": each.record.patient.entry.record_number,
                    "name": each.record.patient.entry.name,
                    "recalled": [one.to_dict() for one in each.recalled],
                }
                for each in self.patients
            ],
            "of_clinic": [each.to_dict() for each in self.of_clinic],
            "copies": [
                {"at": each.at_utc, "made_by": each.build.to_dict()} for each in self.copies
            ],
            "unmarked_versions": list(self.unmarked),
            "prints_logged_since": str(self.logged_since) if self.logged_since else None,
            "prints_before": UNKNOWN,
            "removed_patients": self.removed,
            "limits": self.limits.to_dict(),
        }


def recall_of(store: "Store", wanted: WantedBuild, clinic: ClinicChoices = USUAL_CHOICES) -> Recall:
    """Return everything in the records that the wanted builds made.

    Raises `UserError` where the digits of a hash are those of several.
    """
    pages = tuple(printed_pages(store.engine))
    by_patient: dict[int | None, list[PrintedPage]] = {}
    for page in pages:
        by_patient.setdefault(page.patient, []).append(page)
    of_clinic = by_patient.pop(None, [])
    met, unmarked, patients = _Met(wanted), set(), []
    for record in _records(store, by_patient):
        doses = record.of(Prescription)
        own = by_patient.get(record.number, ())
        unmarked |= {each.entry.made_by.version for each in doses
                     if each.entry.made_by.tables_hash == UNKNOWN}  # fmt: skip
        recalled = (
            *(_dose(record, each) for each in doses if met.by(each.entry.made_by)),
            *(_page(record, each, clinic) for each in own if met.by(each.build)),
        )
        if recalled:
            patients.append(RecalledPatient(record=record, recalled=recalled))
    found = Recall(
        wanted=wanted,
        patients=tuple(patients),
        of_clinic=tuple(_clinic_page(each) for each in of_clinic if met.by(each.build)),
        copies=tuple(each for each in logged_copies(store.engine) if met.by(each.build)),
        unmarked=tuple(sorted(unmarked)) if wanted.is_hash else (),
        logged_since=pages[0].at if pages else None,
        removed=len(store.removals()),
        limits=store.limits(),
    )
    met.refuse_several()
    return found


class _Met:
    """The builds that were met, to refuse digits that mean several."""

    def __init__(self, wanted: WantedBuild) -> None:
        self._wanted = wanted
        self._names: set[str] = set()

    def by(self, build: Build) -> bool:
        """Return whether a build is meant, and remember by which name."""
        name = self._wanted.met_by(build)
        self._names |= {name} - {""}
        return bool(name)

    def refuse_several(self) -> None:
        """Raise `UserError` where several commits or hashes begin with the digits."""
        if len(self._names) > 1:
            raise UserError(
                f"{quoted(self._wanted.typed)} is the beginning of "
                f"{' and '.join(sorted(self._names))}. Write more digits."
            )


def _records(store: "Store", printed: Iterable[int | None]) -> Iterator[Record]:
    """Yield the record of every patient, and of voided ones of whom a page was printed."""
    seen = set()
    for record in store.records():
        seen.add(record.number)
        yield record
    for number in printed:
        if number is not None and number not in seen:
            yield store.read(number)


def _dose(record: Record, stored: StoredEntry[Prescription]) -> Recalled:
    dose, before = stored.entry, record.as_of(stored.number - 1)
    then, now, why_not = None, None, ""
    try:
        then, now = (_proposed if dose.proposal else _typed)(before, stored)
    except UserError as error:
        why_not = str(error)
    return Recalled(
        kind=RecalledKind.PROPOSAL if dose.proposal else RecalledKind.DOSE,
        what=f"{dose} from {short(dose.since)}",
        number=stored.number,
        at=stored.author.at,
        by=stored.author.by,
        build=dose.made_by,
        is_active=stored.is_active,
        then=then,
        now=now,
        why_not=why_not,
    )


def _proposed(before: Record, stored: StoredEntry[Prescription]) -> tuple[Statement, Statement]:
    """Return what the kept proposal stated, and what is proposed now for its inputs.

    The limits are those in force in the clinic now.
    """
    dose = stored.entry
    day = dose.since.local.date()
    kept = KeptProposal.read(dose.proposal, before.patient.entry.born, day, before.limits)
    request = kept.request
    known = starting_dose_safety(before, max(dose.since, stored.author.at), request.product)
    return kept.stated, statement_of_proposal(propose(request, request.override, known))


def _typed(before: Record, stored: StoredEntry[Prescription]) -> tuple[Statement, Statement]:
    """Return which alerts of a typed dose were passed, and which would have to be passed now."""
    dose = stored.entry
    checked = check_prescription(before, dose, stored.author.at)
    is_given = dose.given_reason is not None
    forbid = checked.prescription.overridden_alerts if is_given else checked.alerts.blocking_codes
    return (
        Statement((("passed alerts", codes_in_words(dose.overridden_alerts)),)),
        Statement((("passed alerts", codes_in_words(forbid)),)),
    )


def _page(record: Record, page: PrintedPage, clinic: ClinicChoices) -> Recalled:
    then, now, why_not = None, None, ""
    try:
        then = Statement.of_json(page.said)
        now = statement_of(summarise(record.as_of(page.revision), page.at, clinic))
    except UserError as error:
        why_not = str(error)
    return replace(_clinic_page(page), then=then, now=now, why_not=why_not)


def _clinic_page(page: PrintedPage) -> Recalled:
    return Recalled(
        kind=RecalledKind.PRINT,
        what=page.document,
        number=page.number,
        at=page.at,
        by=page.by,
        build=page.build,
        then=None,
        now=None,
    )


def count_of_changed(recalled: Sequence[Recalled]) -> int:
    """Return how many are said differently now."""
    return sum(1 for each in recalled if each.changes)
