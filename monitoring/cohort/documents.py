"""The cohort as a JSON document and as CSV, for other programs."""

import csv
import io
from collections.abc import Iterator

from dosing import VERSION, cite, json_number
from dosing.evaluation.accuracy import WithInterval
from dosing.knowledge import nadal2016
from dosing.knowledge.later_evidence import LATER_EVIDENCE, LaterEvidence
from dosing.knowledge.nadal2016 import Count
from monitoring.cohort.tables import Cohort, CohortRow, CohortTable, LevelsInRange, ResponseTimes
from monitoring.evaluation.performance import PredictivePerformance
from monitoring.exchange.spreadsheet import defused

_Cell = str | int | float | None

_COLUMNS = (
    "table", "row", "of_whom", "count", "of", "percent", "low_95_percent", "high_95_percent",
    "review_count", "review_of", "review_percent",
)  # fmt: skip


def cohort_as_json(cohort: Cohort) -> dict[str, object]:
    """Return the cohort as one document: units in the keys, null for absent."""
    return {
        "at": str(cohort.at),
        "patients": cohort.patients,
        "treated": cohort.treated,
        "tables": [_table(table) for table in cohort.tables],
        "time_to_response": [_times(times) for times in cohort.response_times],
        "log_rank_p_tumours_against_malformations": cohort.log_rank_p,
        "review_time_to_response": {
            "median_weeks": nadal2016.MEDIAN_WEEKS_TO_RESPONSE,
            "interval_95_percent_weeks": list(nadal2016.WEEKS_TO_RESPONSE_95_PERCENT),
            "range_days": list(nadal2016.DAYS_TO_RESPONSE_RANGE),
            "log_rank_p_tumours_against_malformations": json_number(
                nadal2016.RESPONSE_OF_TUMOURS_AGAINST_MALFORMATIONS_P
            ),
        },
        "time_in_range": _levels(cohort.levels),
        "forecasts": _forecasts(cohort.forecasts),
        "review": _whole_review(),
        "later_evidence": [_evidence(each) for each in LATER_EVIDENCE],
        "sources": {
            **cite([nadal2016.SOURCE, *(each.source for each in LATER_EVIDENCE)]),
            **{each.source: each.citation for each in cohort.forecasts.models},
        },
        "version": VERSION,
    }


def _whole_review() -> dict[str, object]:
    """Return the figures of Nadal 2016 that no count of the clinic is compared with."""
    return {
        "patients": nadal2016.PATIENTS,
        "publications": {
            "count": nadal2016.PUBLICATIONS,
            "patients": nadal2016.IN_PUBLICATIONS.count,
        },
        "posters": {"count": nadal2016.POSTERS, "patients": nadal2016.ON_POSTERS.count},
        "drugs": _named(nadal2016.ON_SIROLIMUS, nadal2016.ON_EVEROLIMUS),
        "subtypes": _named(*nadal2016.SUBTYPES),
        "sex": {
            "counts_of_unnamed_sexes": list(nadal2016.TWO_SEXES),
            "not_reported": nadal2016.SEX_NOT_REPORTED.count,
        },
        "severity": {
            "counts_of_unnamed_severities": list(nadal2016.TWO_SEVERITIES),
            "of": nadal2016.SEVERITY_OF,
        },
        "age_at_start": _named(*nadal2016.AGES_AT_START),
        "congenital": _named(*nadal2016.CONGENITAL),
        "first_level_after_days": nadal2016.FIRST_LEVEL_AFTER_DAYS,
        "follow_up_months": list(nadal2016.FOLLOW_UP_MONTHS),
        "response_curve_patients": nadal2016.RESPONSE_CURVE_PATIENTS,
        "efficacy_percent": nadal2016.EFFICACY_PERCENT,
        "efficacy_caveat": nadal2016.EFFICACY_CAVEAT,
        "shrinkage_percent": list(nadal2016.SHRINKAGE_PERCENT),
        "bioavailability_percent": nadal2016.BIOAVAILABILITY_PERCENT,
    }


def _named(*counts: Count) -> list[dict[str, object]]:
    return [{"name": count.name, **(_review(count) or {})} for count in counts]


def _evidence(each: LaterEvidence) -> dict[str, object]:
    return {
        "name": each.name,
        "year": each.year,
        "facts": list(each.facts),
        "source": each.source,
    }


def _forecasts(record: PredictivePerformance) -> dict[str, object]:
    model = record.answered_by.model
    return {
        "model": record.answered_by.key,
        "models": [each.key for each in record.models],
        "population": model.population if model else None,
        "patients": record.patients,
        "levels": record.levels,
        "is_sample": False,
        "methods": [
            {
                "method": each.method.value,
                **each.accuracy.to_dict(),
                "bias_percent": _with_interval(each.accuracy.median_error_percent),
                "median_error_percent": _with_interval(each.accuracy.median_absolute_error_percent),
                "within_30_percent": _with_interval(each.accuracy.within_30_percent),
            }
            for each in record.methods
        ],
    }


def _with_interval(figure: WithInterval) -> dict[str, object]:
    return {
        "value": round(figure.value, 1),
        "interval_95_percent": (
            None
            if figure.low is None or figure.high is None
            else [round(figure.low, 1), round(figure.high, 1)]
        ),
    }


def _table(table: CohortTable) -> dict[str, object]:
    return {
        "key": table.key,
        "title": table.title,
        "of_whom": table.whom,
        "of": table.of,
        "rows": [_row(row) for row in table.rows],
        "note": table.note or None,
        "review_note": table.review_note or None,
    }


def _row(row: CohortRow) -> dict[str, object]:
    return {
        "name": row.name.strip(),
        "count": row.count,
        "of": row.of,
        "percent": json_number(row.percent),
        "interval_95_percent": _rounded(row.interval_percent),
        "review": _review(row.review),
    }


def _review(count: Count | None) -> dict[str, object] | None:
    if count is None:
        return None
    return {"count": count.count, "of": count.of, "percent": json_number(count.percent)}


def _rounded(interval: tuple[float, float] | None) -> list[float] | None:
    return [round(end, 2) for end in interval] if interval else None


def _times(times: ResponseTimes) -> dict[str, object]:
    curve = times.curve
    return {
        "group": times.group,
        "patients": curve.patients,
        "responded": curve.responded,
        "median_days": curve.median_days,
        "interval_95_percent_days": list(curve.median_interval_days),
        "steps": [
            {
                "day": step.day,
                "at_risk": step.at_risk,
                "responded": step.responded,
                "not_responded": round(float(step.share), 6),
                "interval_95_percent": (
                    [round(end, 6) for end in step.interval] if step.interval else None
                ),
            }
            for step in curve.steps
        ],
    }


def _levels(levels: LevelsInRange) -> dict[str, object]:
    percent = levels.percent_within
    return {
        "patients": levels.patients,
        "days_below": round(levels.days_below, 2),
        "days_within": round(levels.days_within, 2),
        "days_above": round(levels.days_above, 2),
        "percent_within": None if percent is None else round(percent, 1),
        "largest_gap_days": round(levels.largest_gap_days, 2),
    }


def cohort_as_csv(cohort: Cohort) -> str:
    """Return the cohort's tables as CSV, a line a row.

    The last lines are the medians in days and the predictive performance in percent.

    No cell is a formula to a spreadsheet.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(_COLUMNS)
    for table in cohort.tables:
        writer.writerows(map(defused, _cells(table, row)) for row in table.rows)
    writer.writerows(_cells_of_times(cohort))
    writer.writerows(_cells_of_forecasts(cohort.forecasts))
    return text.getvalue()


def _cells(table: CohortTable, row: CohortRow) -> tuple[_Cell, ...]:
    low, high = _rounded(row.interval_percent) or (None, None)
    count = row.review
    return (
        table.key, row.name.strip(), table.whom, row.count, row.of, json_number(row.percent),
        low, high,
        count.count if count else None,
        count.of if count else None,
        json_number(count.percent) if count else None,
    )  # fmt: skip


def _cells_of_times(cohort: Cohort) -> Iterator[tuple[_Cell, ...]]:
    for times in cohort.response_times:
        curve = times.curve
        whom = f"assessed patients, {times.group}"
        responded = CohortRow("responded", curve.responded, curve.patients)
        table = CohortTable(key="response", title="", whom=whom, of=curve.patients, rows=())
        yield _cells(table, responded)
        low, high = curve.median_interval_days
        yield (
            "median-days-to-response", times.group, whom, curve.median_days, None, None, low, high,
            *(None,) * 3,
        )  # fmt: skip


def _cells_of_forecasts(record: PredictivePerformance) -> Iterator[tuple[_Cell, ...]]:
    """Yield each figure of each method: the number of levels, and percent with its interval."""
    whom = f"levels predicted from earlier ones, of {record.patients} patients"
    for each in record.methods:
        for key, figure in (
            ("forecast-bias", each.accuracy.median_error_percent),
            ("forecast-median-error", each.accuracy.median_absolute_error_percent),
            ("forecast-within-30-percent", each.accuracy.within_30_percent),
        ):
            value, low, high = (
                None if number is None else round(number, 1)
                for number in (figure.value, figure.low, figure.high)
            )
            yield (
                key,
                each.method.value,
                whom,
                None,
                record.levels,
                value,
                low,
                high,
                *(None,) * 3,
            )
