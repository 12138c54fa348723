"""The times of a command: read by the reader that the app's forms have, and read back in full."""

from datetime import date

from monitoring.time_reader import TimeReader, is_written_out
from monitoring.times import Moment, in_full


def typed_moment(
    text: str, name: str, *, may_be_ahead: bool = False, is_silent: bool = False
) -> Moment:
    """Return the moment of an option; print it in full where it was typed in short.

    `is_silent` is for a command that prints a document. Raises `UserError` for what has no reading
    or two.
    """
    moment = TimeReader.here().moment(text, may_be_ahead=may_be_ahead)
    if not is_silent:
        print_in_full(text, name, moment)
    return moment


def typed_day(text: str, name: str) -> date:
    """Return the day of an option, as `typed_moment` does."""
    day = TimeReader.here().day(text)
    print_in_full(text, name, day)
    return day


def print_in_full(text: str, name: str, value: Moment | date) -> None:
    """Print a time that was typed in short with its weekday, date and zone."""
    if not is_written_out(text):
        print(f"{name}: {in_full(value)}")
