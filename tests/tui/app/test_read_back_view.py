"""The read-back of a form: stops first, and no alert out of sight without being counted."""

from typing import Any

from textual.app import App, ComposeResult
from textual.content import Content

from dosing import Alert, AlertKind, Alerts
from dosing.knowledge.references import PROPOSED
from tui.app.text import words
from tui.app.widgets.read_back_view import AlertsBelow, Part, ReadBackView, pressing_first


def an_alert(kind: AlertKind, message: str) -> Alert:
    return Alert("a-code", kind, message, PROPOSED)


def texts(parts: list[Part]) -> list[str]:
    return [each.message if isinstance(each, Alert) else each.plain for each in parts]


def test_stops_come_before_what_will_be_stored() -> None:
    alerts = Alerts(
        [
            an_alert(AlertKind.NOTE, "A note [/]."),
            an_alert(AlertKind.CAUTION, "A caution."),
            an_alert(AlertKind.URGENT, "An urgent finding."),
            an_alert(AlertKind.OVERRIDE, "An override."),
            an_alert(AlertKind.STOP, "A stop."),
        ]
    )
    found = texts(list(pressing_first(alerts, [words("Will be stored")])))
    assert [each for each in found if each] == [
        "Alerts", "A stop.", "An override.", "An urgent finding.", "Will be stored",
        "More alerts", "A caution.", "A note [/].",
    ]  # fmt: skip


def test_cautions_alone_come_after_what_will_be_stored() -> None:
    alerts = Alerts([an_alert(AlertKind.CAUTION, "A caution.")])
    found = texts(list(pressing_first(alerts, [words("Will be stored")])))
    assert found == ["Will be stored", "Alerts", "A caution.", ""]


class Shown(App[None]):
    """Ten lines of a read-back."""

    CSS = "ReadBackView { height: 10; }"

    def compose(self) -> ComposeResult:
        yield ReadBackView()


async def test_alerts_out_of_sight_are_counted_until_they_are_seen() -> None:
    app: App[Any] = Shown()
    async with app.run_test(size=(40, 24)) as pilot:
        view = app.query_one(ReadBackView)
        below = view.query_one(AlertsBelow)
        long = "A finding that needs two lines of forty columns. Look at it."
        view.show([*[Content("a line")] * 4, *[an_alert(AlertKind.STOP, long)] * 4])
        await pilot.pause()
        # nine lines are left beside the count: four of text, two alerts of two lines
        assert (below.display, below.count) == (True, 2)
        assert "2 alerts below" in below.render().plain
        view.scroll_end(animate=False)
        await pilot.pause()
        assert (below.display, below.count) == (False, 0)
        view.show([Content("a line"), an_alert(AlertKind.STOP, long)])
        await pilot.pause()
        assert (below.display, below.count) == (False, 0)
