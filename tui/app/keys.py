"""The keys that a user gives to actions: each for a known action, and one that can be pressed.

An action in a form, or one that works everywhere, has no key that types: it would start while
somebody writes.
"""

from collections.abc import Collection, Mapping
from difflib import get_close_matches

from textual.keys import REPLACED_KEYS, key_to_character

from dosing import UserError
from dosing.quantities.text import quoted
from tui.app.actions import APP_ACTIONS, FORM_ACTIONS, Action

_NAMED = {
    *("enter", "escape", "space", "backspace", "delete", "insert", "home", "end"),
    *("pageup", "pagedown", "up", "down", "left", "right", "tab"),
    *(f"f{number}" for number in range(1, 25)),
}
_EDITING = {"enter", "space", "backspace", "delete", "home", "end", "left", "right", "up"}
_TAKEN = {
    "tab": "goes to the next part of the screen",
    "shift+tab": "goes to the part of the screen before",
    "ctrl+p": "shows every command",
    "ctrl+c": "copies",
    "ctrl+i": "is the same as tab in a terminal",
    "ctrl+m": "is the same as enter in a terminal",
}
_POSSIBLE = (
    "Keys are letters and signs (n, N, ?), ctrl+n, alt+n, f1 to f24, enter, escape, insert, "
    "delete, home, end, pageup, pagedown, up, down, left, right, space, and these with ctrl+ or "
    "shift+. A comma separates two keys; the comma itself is written comma"
)


class WrongKeyError(UserError):
    """A wrong line of [keys]. `name` is its left side."""

    def __init__(self, name: str, problem: str) -> None:
        """Name the action of the line, and its problem."""
        super().__init__(problem)
        self.name = name


def check_keys(keys: Mapping[str, str]) -> None:
    """Check the keys given to actions, by the actions' names.

    Raises `WrongKeyError` for an unknown action, for an unknown key, for a key that types in a
    form, and for one key of two actions in one place.
    """
    if not keys:
        return
    from tui.app.all_actions import ACTIONS, PLACES  # noqa: PLC0415 - only where keys are given

    in_forms = {
        each.name for place in PLACES.values() if set(FORM_ACTIONS) <= set(place) for each in place
    } | {each.name for each in APP_ACTIONS if each.name != "keys"}
    for name, text in keys.items():
        if name not in ACTIONS:
            raise WrongKeyError(name, _unknown(name, ACTIONS))
        for key in _keys_in(text):
            _check_key(ACTIONS[name], key, is_in_form=name in in_forms)
    for place, actions in PLACES.items():
        taken: dict[str, str] = {}
        for action in (*APP_ACTIONS, *actions):
            for key in map(_plain, _keys_in(keys.get(action.name, action.key))):
                other = taken.setdefault(key, action.name)
                if other != action.name:
                    wrong = action.name if action.name in keys else other
                    raise WrongKeyError(
                        wrong,
                        f"{quoted(key)} is the key of both {other} and {action.name} {place}. "
                        "Give one of them another key.",
                    )


def _unknown(name: str, known: Collection[str]) -> str:
    near = get_close_matches(name, known, n=1)
    meant = f" (did you mean {near[0]}?)" if near else ""
    return f"{quoted(name)} in [keys] is not an action{meant}. The actions are {', '.join(known)}."


def _keys_in(text: str) -> list[str]:
    return [key.strip() for key in text.split(",")]


def _check_key(action: Action, key: str, *, is_in_form: bool) -> None:
    name = action.name
    if _plain(key) in _TAKEN:
        use = _TAKEN[_plain(key)]
        raise WrongKeyError(name, f"{quoted(key)} cannot be the key of {name}: it {use}.")
    if not _can_be_pressed(key):
        raise WrongKeyError(name, f"{quoted(key)} for {name} is not a key. {_POSSIBLE}.")
    is_typed = len(_plain(key)) == 1 or key in _EDITING
    if is_typed and is_in_form and key not in _keys_in(action.key):
        raise WrongKeyError(
            name,
            f"{quoted(key)} cannot be the key of {name}: it types in a form. Use one such as f2 "
            "or ctrl+g.",
        )


def _can_be_pressed(key: str) -> bool:
    *modifiers, base = key.split("+") if key != "+" else [key]
    if base in _NAMED:
        return set(modifiers) <= {"ctrl", "shift", "alt"}
    sign = _plain(base)
    if not modifiers:
        return len(sign) == 1 and sign.isprintable()
    # A terminal tells capitals by the letter itself, and none of them with ctrl.
    return len(sign) == 1 and modifiers in (["ctrl"], ["alt"]) and sign == sign.lower()


def _plain(key: str) -> str:
    """Return the sign that a key types, or its name.

    >>> _plain("question_mark"), _plain("slash"), _plain("?"), _plain("ctrl+s")
    ('?', '/', '?', 'ctrl+s')
    """
    character = key_to_character(REPLACED_KEYS.get(key, key))
    return character if character and character.isprintable() else key
