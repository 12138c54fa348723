"""The app's tests are coroutines: each runs in an event loop of its own (pytest-asyncio)."""

from pathlib import Path

import pytest
from textual._compositor import Compositor
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet

from monitoring.store.opening import Records
from monitoring.store.state_folder import NOT_ENCRYPTED, is_first_time
from tests.tui.app.dose_screens import records_at

_PARSED: dict[object, list[RuleSet]] = {}
"""The rules of every style sheet, by its text and what it is parsed with."""


@pytest.fixture
def records(tmp_path: Path) -> Records:
    """Give new records, open."""
    return records_at(tmp_path)


@pytest.fixture(autouse=True)
def _said_already(state_folder: Path) -> None:
    """What the app says once a machine was said; a test of it removes the folder's file."""
    assert is_first_time(NOT_ENCRYPTED)
    assert state_folder.is_dir()


@pytest.fixture(autouse=True)
def _looks_only_when_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep others' changes for when a test looks: what is seen does not hang on the machine."""
    monkeypatch.setattr("tui.app.app._CHANGES_SEEN_AFTER_S", 3600)


@pytest.fixture(autouse=True)
def _paints_only_what_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the updates of the terminal, which is missing in tests: a third of their time.

    A test that looks has the whole screen painted anew, by `render_strips`.
    """

    def no_update(compositor: Compositor, **_: object) -> None:
        compositor._dirty_regions.clear()  # noqa: SLF001 - as painting them does

    monkeypatch.setattr(Compositor, "render_update", no_update)


@pytest.fixture(autouse=True)
def _parses_a_style_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parse each style once for all apps of the tests: an app would do so at each start."""
    parse = Stylesheet._parse_rules  # noqa: SLF001 - the only place

    def parsed(sheet: Stylesheet, *text: object, **more: object) -> list[RuleSet]:
        variables = tuple(sheet._variables.items())  # noqa: SLF001 - a theme's colours
        key = (text, tuple(more.items()), variables)
        if key not in _PARSED:
            _PARSED[key] = parse(sheet, *text, **more)  # type: ignore[arg-type]
        return _PARSED[key]

    monkeypatch.setattr(Stylesheet, "_parse_rules", parsed)
