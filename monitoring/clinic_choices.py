"""The clinic's choices, for the command line and the app: the section `[clinic]` of the settings.

[clinic]
grading = "CTCAE v5.0"      # or "CTCAE v6.0": the grades of laboratory values from now on
syringe_step_ml = "0.02"    # or "0.01": oral syringes with marks of 0.01 mL up to 0.5 mL
schedule = "jop2023"        # or "genereviews": the rhythm of levels and blood tests
date_order = "iso"          # or "dmy": 5.11. is 5 November; "mdy": 11/5 is
name = "Vascular clinic"    # the clinic that a family calls, on the dose card and the give-log
telephone = "+44 20 7946 0000"   # its number
recipient = "Dr Colleague"  # to whom summaries usually go
second_check = true         # no dose card or give-log before another person confirmed the dose
retention_years = "10"      # the years without an entry after which a record may be removed
retention_born_before = "2008-11-30"   # whoever was born on this day or later is kept
"""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from dosing import UserError
from dosing.knowledge.laboratory_grades import CTCAE_5, SOURCES
from dosing.knowledge.products import STANDARD_MARKS, SYRINGE_MARKS, SyringeMarks
from dosing.quantities.reading_limits import SETTINGS_BYTES, SETTINGS_NESTING
from dosing.quantities.text import clean, quoted
from dosing.quantities.toml_reading import read_toml
from monitoring.files import read_file

if TYPE_CHECKING:
    from dosing.knowledge.monitoring_schedule import PublishedRhythm
    from monitoring.record.entry import Entry
    from monitoring.time_text import DateOrder

Choice = TypeVar("Choice")
AnyEntry = TypeVar("AnyEntry", bound="Entry")

SECTION = "clinic"
_GRADINGS = {version: version for version in SOURCES}
_LONGEST_NAME = 80
_EXAMPLES = {"retention_years": "10", "retention_born_before": "2008-11-30"}
_TELEPHONE = re.compile(r"(?=(?:\D*\d){3})\+?[0-9()./ -]{3,40}", re.ASCII)
"""At least three figures, with the signs that are usual between them."""
_MARKS = {str(step): marks for step, marks in SYRINGE_MARKS.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class ClinicChoices:
    """The choices of a clinic.

    Raises `UserError` for a version of CTCAE that is not known, and for an impossible name or
    telephone number.
    """

    grading: str = CTCAE_5
    """The version of CTCAE that grades what is recorded from now on."""
    marks: SyringeMarks = STANDARD_MARKS
    """The marks of the oral syringes, for every dose that the program proposes."""
    rhythm: "PublishedRhythm | None" = None
    """The rhythm of levels and blood tests; None for the stricter rule by age and level."""
    date_order: "DateOrder | None" = None
    """The order of day and month in a date that somebody types in numbers; None if not stated."""
    name: str = ""
    """The name of the clinic that a family calls; empty if not stated."""
    telephone: str = ""
    """The clinic's telephone number; empty if not stated."""
    recipient: str = ""
    """To whom summaries usually go; empty if not stated."""
    second_check: bool = False
    """True if another person confirms a dose before its card or give-log is printed."""
    retention_years: str = ""
    """The years without an entry after which a record may be removed; empty if not stated."""
    retention_born_before: str = ""
    """Whoever was born on this day or later is kept: the rule for minors; empty if not stated."""

    def __post_init__(self) -> None:
        """Check the version, and clean the name and the number."""
        _chosen("grading", self.grading, _GRADINGS)
        object.__setattr__(self, "name", _name("name", self.name, "Vascular clinic"))
        recipient = _name("recipient", self.recipient, "Dr Colleague")
        object.__setattr__(self, "recipient", recipient)
        object.__setattr__(self, "telephone", _telephone(self.telephone))
        for each in ("retention_years", "retention_born_before"):
            object.__setattr__(self, each, _name(each, getattr(self, each), _EXAMPLES[each]))

    @classmethod
    def of(cls, section: object) -> "ClinicChoices":
        """Return the choices of a section as it was read; raises `UserError` for a wrong one."""
        if not isinstance(section, Mapping):
            raise UserError(f"[{SECTION}] is a section. Write {_written('grading', _GRADINGS)}.")
        known = (*_READERS, *_TEXTS, SECOND_CHECK)
        for name in section:
            if name not in known:
                raise UserError(
                    f"{quoted(str(name))} in [{SECTION}] is not a setting. The settings are "
                    f"{', '.join(known)}."
                )
        texts = {name: text for name, text in section.items() if name in _TEXTS}
        chosen = {
            _READERS[name][0]: _read(name, text)
            for name, text in section.items()
            if name in _READERS
        }
        is_checked = section.get(SECOND_CHECK, False)
        if not isinstance(is_checked, bool):
            raise UserError(
                f"{SECOND_CHECK} in [{SECTION}] is true or false, not {quoted(str(is_checked))}. "
                f"Write {SECOND_CHECK} = true."
            )
        return cls(**chosen, **texts, second_check=is_checked)

    @property
    def in_words(self) -> tuple[str, ...]:
        """Each choice in a line, by its name in the settings."""
        chosen = [
            (name, next((key for key, each in options().items() if each == value), None))
            for name, (field, options) in _READERS.items()
            for value in (getattr(self, field),)
        ]
        lines = [f"{name}: {value or 'the usual'}" for name, value in chosen]
        return (*lines, *([f"{SECOND_CHECK}: true"] if self.second_check else []))

    def graded(self, entry: AnyEntry) -> AnyEntry:
        """Return an entry with the clinic's version of CTCAE, where that is not the usual one.

        These are laboratory values, and adverse events that a laboratory value grades. A version
        that the entry has already stays.
        """
        if self.grading == CTCAE_5:
            return entry
        from monitoring.record.adverse_event import AdverseEvent  # noqa: PLC0415 - a dose needs none
        from monitoring.record.laboratory_value import LaboratoryValue  # noqa: PLC0415 - as above

        if isinstance(entry, LaboratoryValue) and entry.scale is None:
            return replace(entry, scale=self.grading)
        if isinstance(entry, AdverseEvent) and entry.scale == CTCAE_5:
            return replace(entry, scale=self.scale_of_event(entry.term))
        return entry

    def scale_of_event(self, term: str) -> str:
        """Return the version of CTCAE of an adverse event: the clinic's where a value grades it."""
        from dosing.knowledge.ctcae import scale_for  # noqa: PLC0415 - a dose needs no grades
        from monitoring.adverse_events.finder import known_term  # noqa: PLC0415 - as above

        known = known_term(term)
        return scale_for(known, self.grading) if known else CTCAE_5


def _chosen(name: str, given: object, options: Mapping[str, Choice]) -> Choice:
    if not isinstance(given, str) or given not in options:
        known = " or ".join(f'"{each}"' for each in options)
        shown = quoted(given) if isinstance(given, str) else quoted(str(given))
        raise UserError(
            f"{name} in [{SECTION}] is {known}, not {shown}. Write {_written(name, options)}."
        )
    return options[given]


def _name(setting: str, given: object, example: str) -> str:
    if not isinstance(given, str) or len(clean(given)) > _LONGEST_NAME:
        raise UserError(
            f"{setting} in [{SECTION}] is a text of at most {_LONGEST_NAME} characters. "
            f'Write {setting} = "{example}".'
        )
    return clean(given)


def _telephone(given: object) -> str:
    cleaned = clean(given) if isinstance(given, str) else None
    if cleaned == "":
        return ""
    if cleaned is None or not _TELEPHONE.fullmatch(cleaned):
        shown = quoted(str(given))
        raise UserError(
            f"telephone in [{SECTION}] is a number, not {shown}. "
            'Write telephone = "+44 20 7946 0000".'
        )
    return cleaned


def _written(name: str, options: Mapping[str, object]) -> str:
    return f'{name} = "{next(iter(options))}"'


def _schedules() -> "Mapping[str, PublishedRhythm]":
    from dosing.knowledge.monitoring_schedule import (  # noqa: PLC0415 - heavy for a first frame
        RHYTHMS,
    )

    return {each.rhythm.source: each for each in RHYTHMS.values()}


def _orders() -> "Mapping[str, DateOrder]":
    from monitoring.time_text import DateOrder  # noqa: PLC0415 - only where it is stated

    return {each.value: each for each in DateOrder}


_READERS: Mapping[str, tuple[str, Callable[[], Mapping[str, Any]]]] = {
    "grading": ("grading", lambda: _GRADINGS),
    "syringe_step_ml": ("marks", lambda: _MARKS),
    "schedule": ("rhythm", _schedules),
    "date_order": ("date_order", _orders),
}
"""The field and the options of each setting, the usual or the stricter one first."""
SECOND_CHECK = "second_check"
_TEXTS = ("name", "telephone", "recipient", "retention_years", "retention_born_before")
"""The settings that are texts of the clinic's own."""
USUAL_CHOICES = ClinicChoices()
"""The choices without any setting."""


def _read(name: str, given: object) -> Any:
    return _chosen(name, given, _READERS[name][1]())


def settings_file() -> Path:
    """Return the file of settings: SIROLIMUS_SETTINGS, or the one in the user's folder."""
    given = os.environ.get("SIROLIMUS_SETTINGS")
    if given:
        return Path(given)
    from platformdirs import user_config_path  # noqa: PLC0415 - used here only

    return user_config_path("sirolimus") / "settings.toml"


@dataclass(frozen=True, slots=True)
class SettingsText:
    """A file of settings as it was read: its text, and its values by their names."""

    text: str
    values: Mapping[str, object]


def read_settings_file(file: Path) -> SettingsText:
    """Return the settings of a file, none without a file. Raises `UserError` if it is not TOML."""
    if str(file) == os.devnull:
        return SettingsText("", {})  # the usual name of no file
    try:
        text = read_file(file, SETTINGS_BYTES).decode().replace("\r\n", "\n")
        return SettingsText(text, read_toml(text, file, SETTINGS_NESTING))
    except FileNotFoundError:
        return SettingsText("", {})
    except UserError:
        raise
    except (OSError, ValueError) as error:
        raise UserError(f"The settings in {file} cannot be read: {error}.") from None


def choices_in(settings: SettingsText, file: Path) -> ClinicChoices:
    """Return the clinic's choices among the settings. Raises `UserError`, with the file."""
    try:
        return ClinicChoices.of(settings.values.get(SECTION, {}))
    except UserError as error:
        raise UserError(f"{error} The file is {file}.") from None


def clinic_choices() -> ClinicChoices:
    """Return the choices of this machine's settings. Raises `UserError` for wrong ones."""
    file = settings_file()
    return choices_in(read_settings_file(file), file)
