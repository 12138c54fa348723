"""The pooled report as a JSON document, for other programs."""

from dosing import VERSION, cite, json_number
from dosing.knowledge import nadal2016
from monitoring.pooling.clinic_levels import ClinicLevels, LevelFigures
from monitoring.pooling.disclosure import Bounds
from monitoring.pooling.pool import (
    Heterogeneity,
    PooledClinic,
    PooledDays,
    PooledEffects,
    PooledMeasure,
    PooledReport,
    PooledResponse,
    PooledRow,
    PooledTable,
)


def pooled_as_json(report: PooledReport) -> dict[str, object]:
    """Return the report as one document: units in the keys, null for absent."""
    return {
        "clinics": [_clinic(each) for each in report.clinics],
        "replaced": [_clinic(each) for each in report.replaced],
        "treated": report.treated,
        "tables": [_table(table) for table in report.tables],
        "measures": [_measure(each) for each in report.measures],
        "time_to_response": _response(report.response),
        "time_in_range": _days(report.days_in_range),
        "patient_years": report.patient_years,
        "random_effects": [_effects(each) for each in report.random_effects],
        "heterogeneity": "I2 of Higgins and Thompson 2002, from Cochran's Q",
        "sources": cite([nadal2016.SOURCE]),
        "tables_hash": report.tables_hash,
        "version": report.version,
    }


def clinic_levels_as_json(found: ClinicLevels) -> dict[str, object]:
    """Return the levels of many clinics as `sirolimus cohort levels --json` prints them."""
    return {
        "version": VERSION,
        "clinics": [_levels(each) for each in found.clinics],
        "together": _levels(found.together),
    }


def _levels(each: LevelFigures) -> dict[str, object]:
    lowest, first, median, third, highest = each.quantiles or (None,) * 5
    return {
        "file": each.name,
        "patients": each.patients,
        "levels": each.levels,
        "evaluable": each.evaluable,
        "below": each.below,
        "within": each.within,
        "above": each.above,
        "percent_within": each.percent_within,
        "measured": each.measured,
        "mean_ng_ml": each.mean,
        "sd_ng_ml": each.sd,
        "lowest_ng_ml": json_number(lowest),
        "quartiles_ng_ml": [json_number(first), json_number(median), json_number(third)],
        "highest_ng_ml": json_number(highest),
    }


def _clinic(each: PooledClinic) -> dict[str, object]:
    return {"fingerprint": each.fingerprint, "on": each.on.isoformat(), "treated": each.treated}


def _bounds(bounds: Bounds) -> dict[str, int]:
    return {"low": bounds.low, "high": bounds.high}


def _table(table: PooledTable) -> dict[str, object]:
    return {
        "key": table.layout.key,
        "title": table.layout.title,
        "of_whom": table.layout.whom,
        "of": _bounds(table.of),
        "rows": [_row(row) for row in table.rows],
        "rows_left_out": table.left_out,
        "review_note": table.layout.review_note or None,
    }


def _row(row: PooledRow) -> dict[str, object]:
    review = row.review
    return {
        "name": row.name.strip(),
        "count": _bounds(row.count),
        "of": _bounds(row.of),
        "percent": _pair(row.percent),
        "interval_95_percent": _pair(row.interval_percent),
        "between_clinics_percent": _between(row.between),
        "per_100_patient_years": _pair(row.per_100_years),
        "review": review
        and {"count": review.count, "of": review.of, "percent": json_number(review.percent)},
    }


def _pair(ends: tuple[float, float] | None) -> list[float] | None:
    return None if ends is None else [round(end, 2) for end in ends]


def _between(found: Heterogeneity) -> dict[str, object]:
    return {
        "clinics": found.clinics,
        "lowest": found.lowest,
        "highest": found.highest,
        "i_squared_percent": found.i_squared_percent,
    }


def _measure(each: PooledMeasure) -> dict[str, object]:
    return {
        "measure": each.key,
        "patients": each.n,
        "mean": each.mean,
        "sd": each.sd,
        "between_clinics": _between(each.between),
    }


def _response(found: PooledResponse) -> dict[str, object]:
    low, high = found.median_days
    return {
        "patients": _bounds(found.patients),
        "responded": _bounds(found.responded),
        "median_days": {"low": low, "high": high},
        "steps": [
            {
                "day": step.day,
                "responded": _bounds(step.responded),
                "not_responded": {"low": step.share[0], "high": step.share[1]},
            }
            for step in found.steps
        ],
    }


def _days(days: PooledDays | None) -> dict[str, object] | None:
    if days is None:
        return None
    return {
        "clinics": days.clinics,
        "days_within": days.within,
        "days_outside": days.outside,
        "days_below": days.below,
        "days_above": days.above,
        "percent_within": days.percent_within,
        "between_clinics_percent": _between(days.between),
    }


def _effects(each: PooledEffects) -> dict[str, object]:
    return {
        "model": each.model,
        "patients": each.n,
        "mean": list(each.mean),
        "covariance": [list(row) for row in each.covariance],
        "between_clinics": [_between(found) for found in each.between],
    }
