"""The cohort as a page for the terminal."""

from rich.padding import Padding
from rich.table import Table as Grid
from rich.text import Text

from dosing import review
from dosing.review import Count
from monitoring.cohort import Cohort, LevelsInRange, Row, Table
from monitoring.forecast.track_record import TrackRecord
from monitoring.forecast.wording import about_track_record, method_name, percent_with_interval
from monitoring.response import Curve
from tui.plain_page import print_plainly


def print_cohort(cohort: Cohort) -> None:
    """Print the clinic's figures beside the review's."""
    for line in about_cohort(cohort):
        print(line)
    for table in cohort.tables:
        _print_table(table)
    _print_response(cohort)
    _print_levels(cohort.levels)
    _print_forecasts(cohort.forecasts)


def about_cohort(cohort: Cohort) -> tuple[str, str]:
    """Return of whom the figures are, and what stands beside them."""
    return (
        f"{cohort.treated} of {cohort.patients} patients were given sirolimus until {cohort.at}.",
        f'"Review" is {review.PATIENTS} children [{review.SOURCE}]. Intervals are 95 %, exact.',
    )


def _print_table(table: Table) -> None:
    grid = _grid("right", "right", "right", "right", "right")
    grid.add_row("", "here", "", "interval", "review", "")
    for row in table.rows:
        grid.add_row(*map(Text, row_words(row)))
    print_plainly("", Text(table.title), Text(f"of {table.whom}: {table.of}"), _indented(grid))
    if table.note:
        print_plainly(Text(table.note))


def _grid(*justify: str) -> Grid:
    grid = Grid.grid(padding=(0, 2, 0, 0))
    grid.add_column(overflow="fold")
    for each in justify:
        grid.add_column(justify=each, no_wrap=True)  # type: ignore[arg-type]  # one of rich's words
    return grid


def _indented(grid: Grid) -> Padding:
    return Padding(grid, (0, 0, 0, 2))


def row_words(row: Row) -> tuple[str, ...]:
    """Return a row as it is written: name, here, percent, interval, review, percent."""
    interval = row.interval_percent
    return (
        row.name,
        f"{row.count}/{row.of}",
        "" if row.percent is None else f"{row.percent} %",
        f"{interval[0]:.1f}-{interval[1]:.1f} %" if interval else "",
        *_of_review(row.review),
    )


def _of_review(count: Count | None) -> tuple[str, str]:
    return (f"{count.count}/{count.of}", f"{count.percent} %") if count else ("-", "")


def _print_response(cohort: Cohort) -> None:
    grid = _grid("right", "right", "right")
    grid.add_row("", "responded", "median", "interval")
    for times in cohort.response_times:
        curve = times.curve
        grid.add_row(
            times.group,
            f"{curve.responded}/{curve.patients}",
            days_words(curve.median_days) if curve.patients else "-",
            interval_words(curve),
        )
    grid.add_row("review", "", *review_response())
    print_plainly(
        "",
        Text("Time to response, from the first dose"),
        Text("of the treated patients who were assessed since (Kaplan and Meier, Greenwood)"),
        _indented(grid),
        Text(log_rank_words(cohort)),
    )


def days_words(days: int | None) -> str:
    """Return a number of days, or that it was not reached."""
    return "not reached" if days is None else f"{days} days"


def interval_words(curve: Curve) -> str:
    """Return the interval of a median."""
    low, high = curve.median_interval_days
    if low is None and high is None:
        return "-"
    return f"{'?' if low is None else low}-{'?' if high is None else high} days"


def review_response() -> tuple[str, str]:
    """Return the review's median time to response, and its interval."""
    low, high = review.WEEKS_TO_RESPONSE_95_PERCENT
    return f"{review.MEDIAN_WEEKS_TO_RESPONSE} weeks", f"{low}-{high} weeks"


def log_rank_words(cohort: Cohort) -> str:
    """Return whether tumours and malformations respond alike, beside the review."""
    p_value = "cannot be told" if cohort.log_rank_p is None else f"{cohort.log_rank_p:.3f}"
    in_review = review.RESPONSE_OF_TUMOURS_AGAINST_MALFORMATIONS_P
    return f"Tumours against malformations, log-rank test: p {p_value}; review p {in_review}."


def _print_levels(levels: LevelsInRange) -> None:
    print_plainly("", Text("Time in range"), Text(levels_words(levels)))


def _print_forecasts(record: TrackRecord) -> None:
    print_plainly("", Text("Forecasts of levels that were then measured"))
    print_plainly(Text(about_track_record(record)))
    if not record.methods:
        return
    grid = _grid("right", "right", "right")
    grid.add_row("", "bias", "error", "within 30 %")
    for each in record.methods:
        figures = [each.bias_percent, each.error_percent, each.close_percent]
        values, intervals = zip(*map(percent_with_interval, figures), strict=True)
        grid.add_row(Text(method_name(record, each)), *values)
        grid.add_row("  95 % interval", *intervals)
    print_plainly(_indented(grid))


def levels_words(levels: LevelsInRange) -> str:
    """Return how much of the time lies within the target."""
    if levels.percent_within is None:
        return "No two levels could be joined."
    return (
        f"{levels.percent_within:.1f} % of {levels.days_covered:.0f} days within the target in "
        f"force, of {levels.patients} patients; the largest gap bridged is "
        f"{levels.largest_gap_days:.0f} days."
    )
