"""The unsaved form of a locked app: its text is kept encrypted, and filled in again afterwards."""

import json
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from typing import Any, Protocol, runtime_checkable

from textual.screen import Screen

from tui.app.screens.form_screen import FormScreen
from tui.app.widgets.choice import Choice
from tui.app.widgets.field import Field


@runtime_checkable
class HasRows(Protocol):
    """A form whose rows open as they are needed."""

    async def open_rows(self, ids: Collection[str]) -> None:
        """Open the rows of these fields."""


@dataclass(frozen=True, slots=True)
class UnsavedForm:
    """The text and choices of a form, the action that opens it, and its patient's number."""

    action: str
    """Empty for a form that is opened from a row of a list."""
    patient: int | None
    texts: dict[str, str]
    choices: dict[str, int]

    @classmethod
    def among(cls, screens: Iterable[Screen[Any]]) -> "UnsavedForm | None":
        """Return the last of the screens that has unsaved input, None without one."""
        forms = [each for each in screens if isinstance(each, FormScreen)]
        unsaved = [each for each in forms if each.has_unsaved_input]
        return cls.of(unsaved[-1]) if unsaved else None

    @classmethod
    def of(cls, form: FormScreen) -> "UnsavedForm":
        """Return what a form holds."""
        return cls(
            action=form.opened_by,
            patient=form.summary.record.number if form.summary else None,
            texts={name: each.lasting_text for name, each in _named(form.query(Field))},
            choices={name: each.chosen_number for name, each in _named(form.query(Choice))},
        )

    @classmethod
    def of_text(cls, text: str) -> "UnsavedForm":
        """Return the form that `text` was made of."""
        return cls(**json.loads(text))

    def text(self) -> str:
        """Return everything as one text."""
        return json.dumps(asdict(self))

    async def fill_in(self, form: FormScreen) -> None:
        """Choose and type it again."""
        if isinstance(form, HasRows):
            await form.open_rows({*self.texts, *self.choices})
        for name, choice in _named(form.query(Choice)):
            if name in self.choices:
                choice.chosen_number = self.choices[name]
        for name, field in _named(form.query(Field)):
            if name in self.texts:
                field.text = self.texts[name]

    @property
    def typed(self) -> str:
        """The text, for a form that cannot be opened again by itself."""
        return "; ".join(filter(None, self.texts.values()))


def _named(widgets: Iterable[Any]) -> list[tuple[str, Any]]:
    return [(each.id or str(place), each) for place, each in enumerate(widgets)]
