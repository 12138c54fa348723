"""The keys at the bottom of a screen: help, the main action, back, then as many as fit."""

from textual.binding import ActiveBinding, Binding
from textual.content import Content
from textual.dom import DOMNode
from textual.events import Resize
from textual.screen import Screen
from textual.style import Style
from textual.widgets import Static

_LAST = "keys"  # the overview of all keys is never left out
_GAP = "  "
_ORDER = {"focused": 0, "screen": 1, "app": 2}


class KeyBar(Static):
    """One line of keys, never cut: the others are in the overview of keys.

    First comes help, then the keys of the focus and the screen's own, in the order in which they
    are declared: the main action, the way back, the others. Each can be clicked.
    """

    DEFAULT_CSS = """
    KeyBar {
        dock: bottom; height: 1; padding: 0 1; background: $panel; color: $foreground;
        link-style: none; link-color: $foreground; link-background: transparent;
        link-style-hover: none; link-color-hover: $foreground; link-background-hover: $primary 35%;
    }
    """

    def on_mount(self) -> None:
        """Follow the keys as the focus moves."""
        self.screen.bindings_updated_signal.subscribe(self, self._follow)
        self._show()

    def on_resize(self, _event: Resize) -> None:
        """Use the room."""
        self._show()

    def _follow(self, screen: Screen[object]) -> None:
        if self.is_attached and screen is self.screen:
            self._show()

    def _show(self) -> None:
        width = self.size.width - 2 + len(_GAP)  # no gap follows the last
        shown, last = self._offered()
        room = width - (_width_of(last) if last else 0)
        parts: list[Content] = []
        for each in shown:
            if _width_of(each) > room:
                break
            room -= _width_of(each)
            parts.append(each)
        keys = Content(_GAP).join([*parts, *([last] if last else [])])
        if not (isinstance(self.content, Content) and self.content.is_same(keys)):
            self.update(keys, layout=False)  # one line, whatever it holds

    def _offered(self) -> tuple[list[Content], Content | None]:
        found: dict[str, Content] = {}
        help_key: list[Content] = []
        last = None
        places: dict[str, tuple[int, int]] = {}
        declared = _declared_by(self.screen)
        names: dict[DOMNode | None, str] = {
            self.app: "app",
            self.screen: "screen",
            self.screen.focused: "focused",
        }
        for active in sorted(self.screen.active_bindings.values(), key=self._place):
            binding = active.binding
            if not binding.show or not active.enabled or self._is_typed(binding.key):
                continue
            name = names.get(active.node)
            if name is None or binding.action in found:
                continue
            part = self._part(binding, name)
            if binding.action == "help":
                help_key = [part]
            elif binding.action == _LAST:
                last = part
            else:
                found[binding.action] = part
                places[binding.action] = (_ORDER[name], declared.get(binding.action, 0))
        return [*help_key, *(found[each] for each in sorted(found, key=places.__getitem__))], last

    def _place(self, active: ActiveBinding) -> int:
        """Return the order of a key: those of the focus, the screen's as declared, the app's.

        A key that takes precedence over one of the focus would otherwise take its place.
        """
        # Textual has no public order of the bindings of a screen and its bases.
        declared = [binding.action for _, binding in self.screen._bindings]  # noqa: SLF001 - see above
        if active.node is self.screen:
            return declared.index(active.binding.action)
        return len(declared) if active.node is self.app else -1

    def _is_typed(self, key: str) -> bool:
        """Return True where the focused widget would take the key as a letter."""
        focused = self.screen.focused
        character = key if len(key) == 1 else {"slash": "/", "question_mark": "?"}.get(key)
        return focused is not None and focused.check_consume_key(key, character)

    def _part(self, binding: Binding, namespace: str) -> Content:
        key = self.app.get_key_display(binding)
        text = Content.assemble((key, "bold $text-accent"), " ", binding.description)
        return text.stylize(Style.from_meta({"@click": f"{namespace}.{binding.action}"}))


def _declared_by(screen: Screen[object]) -> dict[str, int]:
    """Return the place of each action of a screen's own in the order of its declarations."""
    classes = [each.__dict__ for each in reversed(type(screen).__mro__)]
    declared = [each for names in classes for each in names.get("BINDINGS", ())]
    actions = dict.fromkeys(each.action for each in declared if isinstance(each, Binding))
    return {action: place for place, action in enumerate(actions)}


def _width_of(part: Content) -> int:
    return part.cell_length + len(_GAP)
