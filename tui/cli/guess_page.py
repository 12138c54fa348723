"""`sirolimus import FILE --guess`: the guessed mapping shown, confirmed once, and kept by name."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from dosing import UserError
from dosing.quantities.text import escaped
from monitoring.exchange.laboratory_file.guess import Guess, guess_mapping
from monitoring.exchange.laboratory_file.kept_mappings import keep_mapping, name_for
from monitoring.exchange.laboratory_file.layout import content_of
from monitoring.exchange.laboratory_file.template import write_mapping
from monitoring.files import path_of
from monitoring.times import local_zone
from reports.presentation.guesses import column_rows, reading_rows
from tui.cli.output import ExitCode, print_json
from tui.cli.page import print_rows, print_sentences

if TYPE_CHECKING:
    from monitoring.exchange.laboratory_file.mapping import Mapping

_YES = {"y", "yes"}


def guessed_mapping(options: argparse.Namespace, file: Path) -> "Mapping | ExitCode":
    """Return the guessed mapping of a file, or the exit code where nothing is imported by it.

    Without --preview and --write-mapping a person confirms it, at a terminal.
    """
    is_asked = not options.preview and not options.write_mapping
    if is_asked and (options.json or not sys.stdin.isatty()):
        raise UserError(
            "A guess must be confirmed at a terminal. Use --guess --preview to see it, or --guess "
            "--write-mapping MAP to check it in a file."
        )
    guess = guess_mapping(content_of(file), local_zone())
    if options.json:
        print_json(_as_json(guess), ascii_only=True)
    else:
        _print_guess(guess, options.path)
    if options.write_mapping:
        return _write(guess, options)
    if guess.questions:
        if not options.json:
            print()
            print_sentences(
                "The file leaves questions open. Answer them in the app, or in a mapping:\n"
                "use --guess --write-mapping MAP."
            )
        return ExitCode.INVALID_INPUT
    if options.json:
        return ExitCode.DONE
    if not is_asked:
        print()
        return guess.draft.mapping()
    return _confirmed(guess, options, file)


def _write(guess: Guess, options: argparse.Namespace) -> ExitCode:
    asked = tuple(each.text for each in guess.questions)
    write_mapping(path_of(options.write_mapping).absolute(), guess.draft.text(questions=asked))
    if not options.json:
        print(f"\n{escaped(options.write_mapping)} is ready. Check it, and use it with --mapping.")
    return ExitCode.DONE


def _confirmed(guess: Guess, options: argparse.Namespace, file: Path) -> "Mapping | ExitCode":
    name = options.name or name_for(file, guess.draft)
    print(f'\nIs this right? It is kept as "{name}" for the next file of these headings.')
    try:
        answer = input("Import by it? [y/N] ")
    except EOFError:
        answer = ""
    if answer.strip().casefold() not in _YES:
        print("Nothing was kept, and nothing was imported.")
        return ExitCode.INVALID_INPUT
    kept = keep_mapping(name, guess.draft)
    print(f'The mapping is kept as "{kept.name}".\n')
    return kept.mapping


def _print_guess(guess: Guess, path: str) -> None:
    print(f"Guess of the columns of {escaped(path)}")
    print_rows(
        (f"  {heading}", f"{taken_for}: {samples}")
        for heading, samples, taken_for in column_rows(guess)
    )
    print("\nHow it is read")
    print_rows((f"  {name}", text) for name, text in reading_rows(guess))
    for title, texts in (
        ("To know", guess.notes),
        ("To answer", tuple(each.text for each in guess.questions)),
    ):
        if texts:
            print(f"\n{title}")
            print_rows(("  ■", text) for text in texts)


def _as_json(guess: Guess) -> dict[str, object]:
    draft = guess.draft
    return {
        "columns": [
            {
                "heading": column.heading,
                "samples": list(column.samples),
                "field": draft.field_at(column.heading) or None,
            }
            for column in guess.columns
        ],
        "separator": None if draft.in_workbook else draft.layout.separator,
        "sheet": draft.layout.sheet,
        "heading_row": draft.layout.heading_row,
        "time_zone": draft.time_zone,
        "date_order": draft.date_order or None,
        "decimal_sign": draft.decimal_sign or None,
        "tests": dict(draft.tests),
        "default_units": dict(draft.default_units),
        "questions": [
            {
                "about": each.about.value,
                "of": each.of or None,
                "text": each.text,
                "options": [value for _, value in each.options],
            }
            for each in guess.questions
        ],
        "notes": list(guess.notes),
    }
