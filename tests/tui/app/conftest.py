"""The app's tests are coroutines: each runs in an event loop of its own (pytest-asyncio)."""

import pytest


@pytest.fixture(autouse=True)
def _looks_only_when_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep others' changes for when a test looks: what is seen does not hang on the machine."""
    monkeypatch.setattr("tui.app.app._CHANGES_SEEN_AFTER_S", 3600)
