"""How long one summary on paper takes, as a ratio to a bare ReportLab page, and what 500 hold.

`python -m tests.benchmarks.bench_report` (`--small` for a quick look). The bare page has one table
of as many rows and columns as the summary's levels and one line chart of as many points, in the
same fonts. As in `bench_dose`, the cases take turns and their medians are compared; the figures of
one run compare with each other and with nothing else.
"""

import argparse
import gc
import tracemalloc
from collections.abc import Callable
from datetime import date
from functools import partial
from io import BytesIO

from reportlab.graphics.charts.lineplots import LinePlot
from reportlab.graphics.shapes import Drawing
from reportlab.platypus import SimpleDocTemplate, Table

from dosing import QuantityKind, read_quantity
from monitoring.recommendation.advice import forecast_for
from monitoring.recommendation.forecast import PatientForecast
from monitoring.record.measurement import Measurement
from monitoring.summary import PatientSummary, summarise
from reports.fonts import REGULAR, register_fonts
from reports.patient_summary import patient_summary_pdf
from tests.benchmarks.bench_dose import print_ratios
from tests.benchmarks.bench_record import medians
from tests.reports.paper import HEAD, NOW, long_record

_COLUMNS = 8
_USUAL_LEVELS, _MANY_LEVELS = 6, 60
_WEIGHT = Measurement(on=date(2024, 3, 1), weight=read_quantity("10 kg", QuantityKind.WEIGHT))
"""Without it there would be no forecast."""


def bare_page(levels: int) -> bytes:
    """Return a page with one table and one line chart, made with nothing but ReportLab."""
    plot = LinePlot()
    plot.width, plot.height = 480, 150
    plot.data = [[(number, 5 + number % 10) for number in range(levels)]]
    drawing = Drawing(511, 170)
    drawing.add(plot)
    rows = [["2026-11-05 07:50"] * _COLUMNS for _ in range(levels + 1)]
    table = Table(rows, style=[("FONT", (0, 0), (-1, -1), REGULAR, 5)], repeatRows=1)
    stream = BytesIO()
    SimpleDocTemplate(stream).build([drawing, table])
    return stream.getvalue()


def page_of(summary: PatientSummary, forecast: PatientForecast | None) -> bytes:
    """Return the summary as a document, with the forecast where there is one."""
    return patient_summary_pdf(summary, head=HEAD, forecast=forecast)


def compare(levels: int, turns: int) -> None:
    """Compare the summary of a record of so many levels with the bare page."""
    record = long_record(levels, _WEIGHT)
    summary, forecast = summarise(record, NOW), forecast_for(record, NOW)
    cases: dict[str, Callable[[], object]] = {
        "bare page": partial(bare_page, levels),
        "summary on paper, no forecast": partial(page_of, summary, None),
        "summary on paper": partial(page_of, summary, forecast),
        "to judge the record": partial(summarise, record, NOW),
        "to forecast": partial(forecast_for, record, NOW),
    }
    print_ratios(f"A record of {levels} levels", "bare page", medians(cases, turns))


def watch_memory(summaries: int) -> None:
    """Print what is held after a tenth of the summaries and after all of them."""
    record = long_record(_USUAL_LEVELS, _WEIGHT)
    summary, forecast = summarise(record, NOW), forecast_for(record, NOW)
    page_of(summary, forecast)
    tracemalloc.start()
    held = []
    for number in range(1, summaries + 1):
        page_of(summary, forecast)
        if number in {summaries // 10, summaries}:
            gc.collect()
            held.append(tracemalloc.get_traced_memory()[0] / 1e6)
    tracemalloc.stop()
    print(f"{summaries} summaries in one process: {held[0]:.2f} MB held after a tenth of them,")
    print(f"  {held[1]:.2f} MB after all")


def main() -> None:
    """Run the comparisons and print them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="a few turns and fewer summaries")
    is_small = parser.parse_args().small
    register_fonts()
    for levels in (_USUAL_LEVELS, _MANY_LEVELS):
        compare(levels, 5 if is_small else 20)
    watch_memory(50 if is_small else 500)


if __name__ == "__main__":
    main()
