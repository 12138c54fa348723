"""The page docs/accessibility.md: the command that stands for each key of the app.

The keys are those of `tui.app.all_actions`. The commands are named here, once for each action by
its name; a test holds both to the app and to the parser, and asks for the command of a new action.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from monitoring.record.entry_kind import EntryField
from monitoring.record.kinds import ENTRY_KINDS
from tui.app.actions import APP_ACTIONS, Action
from tui.app.all_actions import PLACES

_PROGRAM = "sirolimus"
_SIGNS = {
    "question_mark": "?",
    "slash": "/",
    "greater_than_sign": ">",
    "less_than_sign": "<",
}

COMMANDS_OF_ACTIONS = {
    # on the worklist
    "new-patient": ("sirolimus patient add --mrn M --name NAME --born DATE --sex SEX",),
    "calculator": ("sirolimus dose --weight W --height H --age A",),
    "cohort": ("sirolimus cohort",),
    "import": ("sirolimus import FILE --preview", "sirolimus import FILE"),
    "backup": ("sirolimus backup FILE",),
    "verify": ("sirolimus verify",),
    "take-over": ("sirolimus import FILE",),
    "export": ("sirolimus export FOLDER",),
    "open": ("sirolimus patient show M", "sirolimus due M"),
    "search": ("sirolimus patient list SEARCH",),
    "all-patients": ("sirolimus patient list",),
    "urgent-patients": ("sirolimus due",),
    "due-patients": ("sirolimus due",),
    "sort": ("sirolimus due", "sirolimus patient list"),
    "encrypt": ("sirolimus encrypt",),
    "demo": ("sirolimus demo --seed-into FILE",),
    # on a patient
    "dose": ("sirolimus dose --patient M", "sirolimus prescribe M --from TIME --accept"),
    "print": ("sirolimus report M",),
    "prescribe": (
        "sirolimus advise M",
        "sirolimus prescribe M --from TIME --dose D --times-a-day N",
    ),
    "taper": ("sirolimus taper M",),
    "end-dose": ("sirolimus prescription end M NUMBER --at TIME",),
    "restart": ("sirolimus restart M --at TIME",),
    "second-check": ("sirolimus prescribe check M --dose D --volume V --times-a-day N --by WHO",),
    "settle": ("sirolimus due settle M WHAT --reason WHY",),
    "change-patient": ("sirolimus patient edit M",),
    "details": ("sirolimus level list M", "sirolimus history M"),
    "why": ("sirolimus advise M", "sirolimus due M"),
    "void": ("sirolimus level void M NUMBER --reason WHY",),
    "end-entry": ("sirolimus event end M NUMBER --on DATE",),
    "cause": ("sirolimus level cause M NUMBER CAUSE",),
    "what-if": ("sirolimus forecast M --dose D --model KEY",),
    "take-forecast": ("sirolimus prescribe M --from TIME --dose D --times-a-day N",),
    "nothing-given": ("sirolimus forecast M --nothing-given-in-gaps",),
    "tab-now": ("sirolimus patient show M", "sirolimus due M"),
    "tab-levels": ("sirolimus level list M",),
    "tab-doses": ("sirolimus prescription list M", "sirolimus missed list M"),
    "tab-events": ("sirolimus event list M",),
    "tab-laboratory": ("sirolimus lab list M",),
    "tab-measures": ("sirolimus measure list M",),
    "tab-drugs": ("sirolimus drug list M",),
    "tab-response": ("sirolimus response list M", "sirolimus note list M"),
    "tab-history": ("sirolimus history M",),
    "tab-forecast": ("sirolimus forecast M",),
    "visit": (
        "sirolimus measure add M --weight W --on DATE",
        "sirolimus level add M VALUE --at TIME",
        "sirolimus lab add M TEST VALUE --at TIME",
    ),
    "treated-before": ("sirolimus import FILE --take-doses",),
    "remove-patient": ("sirolimus patient remove M --reason WHY --by NAME --export FOLDER",),
    "undo": ("sirolimus level void M NUMBER --reason WHY",),
    "copy": ("sirolimus patient show M",),
    # in forms and answers
    "change-dose": ("sirolimus prescribe M --from TIME --dose D --times-a-day N",),
    "steps": ("sirolimus dose --patient M --explain",),
    "take-advice": (
        "sirolimus advise M",
        "sirolimus prescribe M --from TIME --dose D --times-a-day N",
    ),
    "stop-treatment": ("sirolimus prescription end M NUMBER --at TIME",),
    "preview": ("sirolimus import FILE --preview",),
    "new-mapping": ("sirolimus import FILE --guess --preview",),
    "count-again": ("sirolimus cohort",),
    "share-cohort": ("sirolimus cohort share --out FILE",),
    "pool-shares": ("sirolimus cohort pool FILE --pdf PDF",),
    "waiting-results": ("sirolimus import waiting", "sirolimus import waiting --take"),
    "drop-waiting": ("sirolimus import waiting --drop N --reason R",),
    "into-list": ("sirolimus event grades TERM",),
    "side-effect": ("sirolimus event add M TERM --from DATE --grade GRADE",),
}
"""The commands of an action, as they are typed, by its name."""

WITHOUT_A_COMMAND = {
    "help": "`--help` behind any command",
    "keys": "this page, and `sirolimus --plain`",
    "lock": "not needed: a command closes the records when it ends",
    "quit": "not needed: a command ends by itself",
    "back": "not needed: nothing is stored before a command is complete",
    "down": "not needed: a list is printed whole",
    "up": "not needed: a list is printed whole",
    "store": "not needed: a command stores what was typed",
    "read-on": "not needed: an answer is printed whole",
    "read-back": "not needed: an answer is printed whole",
    "close": "not needed: an answer is printed whole",
    "settings": "the settings file, which any editor opens",
    "reverse": "not needed: what is urgent is printed first",
    "held-patients": "`sirolimus patient show M` says so of each patient",
    "patients-above": "`sirolimus patient show M` says so of each patient",
    "patients-below": "`sirolimus patient show M` says so of each patient",
    "my-patients": "`sirolimus history M` names the author of each entry",
    "next-patient": "not needed: a command names its patient",
    "previous-patient": "not needed: a command names its patient",
    "open-file": "not needed: a command prints the path of the file",
    "copy-path": "not needed: a command prints the path of the file",
}
"""What is said of an action that needs no command, by its name."""


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A line of the table: a key of the app, what it does, and what is typed instead."""

    key: str
    action: str
    does: str
    instead: str


def key_rows(actions: tuple[Action, ...]) -> Iterator[KeyRow]:
    """Yield the row of each action. Raises `KeyError` for one whose command is not named here."""
    for each in actions:
        keys = (_SIGNS.get(key, key) for key in each.key.split(","))
        yield KeyRow(
            ", ".join(f"`{key}`" for key in keys),
            each.name,
            each.description,
            ", ".join(f"`{typed}`" for typed in typed_for(each)) or WITHOUT_A_COMMAND[each.name],
        )


def typed_for(action: Action) -> tuple[str, ...]:
    """Return the commands of an action: of a form of an entry that which adds the entry."""
    for kind in ENTRY_KINDS:
        if kind.name == action.kind:
            needed = [each for each in kind.fields if each.required] or [
                each for each in kind.fields if not each.is_today and not each.is_reason
            ]
            return (f"{_PROGRAM} {kind.command} add M {' '.join(map(_argument, needed))}",)
    return COMMANDS_OF_ACTIONS.get(action.name, ())


def _argument(field: EntryField) -> str:
    """Return an argument of a form of an entry, as it is typed."""
    name = field.argument
    return f"{name} {field.metavar or name.strip('-').upper()}" if name.startswith("--") else name


def accessibility_page(made: str) -> str:
    """Return the text of the page, with the line that says how it is made."""
    places = {"everywhere": APP_ACTIONS, **PLACES}
    return _PAGE.format(
        made=made,
        encrypted=_table(("typed or set", "the page", "encrypted records to a file"), _FILES),
        tables="\n\n".join(_tables(places)),
    )


def _table(headings: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = (headings, ("---",) * len(headings), *rows)
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _tables(places: dict[str, tuple[Action, ...]]) -> Iterator[str]:
    seen: set[str] = set()
    for place, actions in places.items():
        new = tuple(each for each in actions if each.name not in seen)
        seen |= {each.name for each in new}
        if new:
            rows = ((row.key, row.does, row.instead) for row in key_rows(new))
            yield _table((place, "what it does", "what to type"), rows)


_FILES = (
    ("`plain = true`, `SIROLIMUS_PLAIN=1`", "plain", "refused"),
    ("`sirolimus --plain report M`: before the command", "plain", "refused"),
    ("`sirolimus cohort --plain`: without `--csv`", "plain", "none is written"),
    (
        (
            "`sirolimus report M --plain`, `sirolimus export FOLDER --plain`, "
            "`sirolimus cohort --csv FILE --plain`"
        ),
        "plain",
        "written, with a warning that it can be read",
    ),
)


_PAGE = """\
# Accessibility

{made}
## The commands are the way for a screen reader

A full-screen terminal app redraws cells. A screen reader hears the cells that changed, and not
which field has the focus. That is so for every such program; Textual, the library of this one, has
no layer for screen readers. The app is therefore not usable with a screen reader alone. Every task
of the app has a command, and every command has a plain page:

    sirolimus due --plain
    sirolimus advise 00123 --plain
    sirolimus --plain level list 00123

`--plain` is typed behind any command, or before it. The page is then lines of text:

- one fact a line, its label first: `Next level: 6 Dec 2026 to 13 Dec 2026`
- in the order of reading, and what is urgent before the rest of its patient or entry
- a title with an empty line before it
- each figure of a table with its row and its column: `tumours, clinic: 3 of 16, 18.8 %`
- no line folded, aligned or indented; no boxes, bars and colours
- no sign where the word behind it says the same: `above`, not ▲ and `above`

The figures are those of the usual page. `--help --plain` prints the options the same way, one a
line. A long command draws no bar of progress. `--json` prints JSON, with `--plain` too. Messages
are sentences on standard error.

To say it once, write `plain = true` in [the settings](commands.md#settings), or set the variable
`SIROLIMUS_PLAIN=1`; `SIROLIMUS_PLAIN=0` takes the setting back. The program without a command
opens the app nevertheless; `sirolimus --plain` lists the commands.

### Plain pages and encrypted records

In `report`, `export` and `cohort --csv` the word has another meaning, which it had first: only with
`--plain` behind the command are encrypted records written to a file that is not encrypted. To ask
for a page is never to ask for such a file:

{encrypted}

Who wants plain pages everywhere sets them once, or types the word before the command.

## What to type instead of a key

`M` is the record number. `sirolimus COMMAND --help --plain` has the other options. The keys are
those without [settings](commands.md#settings). `level void`, `level list` and `event end` are
examples of their action: each kind of entry has its own. A key that is in several places is in the
first of them.

{tables}

## The app, for people who see the screen

- Every function has a key; a mouse does the same and is never needed. `tab` moves from field to
  field.
- No meaning is in colour alone: each sign has its word. With `NO_COLOR` there is no colour, in the
  app and in the commands.
- Contrast is that of the `theme` in [the settings](commands.md#settings). The app needs 60 × 20
  characters: a terminal's large letters can be used.
- Answers appear beside or below the fields: with a screen magnifier, move there. The short message
  after storing disappears by itself; the history keeps what was stored.

To a screen reader the app names no focused field and announces no message, and its charts are
characters: a braille display shows them as dots without meaning. The levels of a chart are in
`sirolimus level list M --plain`, those expected in `sirolimus forecast M --plain`.

The PDF reports are tagged: a title, a heading for each section, paragraphs, tables with the
headings of their columns, and drawings with words that are read instead of them; the lines of
tables, and head and foot from the second page on, are left out of what is read. They have a
subject, a language and a bookmark for each section, and a name and its fact are one paragraph. A
table that goes on on the next page is a new one with its headings again. What is not there:
PDF/UA is not claimed and was not checked by a validator; the tick boxes of the give-log are one
drawing with one sentence; the chart of levels has its legend as words, and its figures in the
table. No person with a screen reader has tried it. Arabic and Hebrew are searched and copied as
letters in reading order; a viewer built on PDFium may copy a figure after its unit there. What
the reports say is in the plain pages of `patient show`, `advise`, `due`, `forecast`, `cohort`
and the lists.
"""
