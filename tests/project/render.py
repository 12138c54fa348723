"""Documents made from the code and the hazard data, and the printed examples of pages.

`python -m tests.project.render` writes them; a test holds them to what it would write today.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from dosing.alerts import AlertRow
from dosing.knowledge.alert_catalogue import CATALOGUE
from dosing.knowledge.forecast_rules import FORECAST_RULES
from dosing.knowledge.interactions import DRUGS, InteractionClass
from dosing.knowledge.laboratory_grades import CTCAE_5, SCALES, SCALES_OF, scale_wording
from dosing.knowledge.laboratory_grades import SOURCES as SOURCES_OF_GRADES
from dosing.knowledge.laboratory_units import IN_UNIT_OF_MODELS, MOLAR_MASS_SOURCE
from dosing.knowledge.later_evidence import LATER_EVIDENCE
from dosing.knowledge.limits import LIMITS
from dosing.knowledge.liver_impairment import exposure_rise_percent, liver_reduction
from dosing.knowledge.monitoring_schedule import (
    OPENED_BOTTLE_KEEPS,
    OPENED_BOTTLE_SOURCE,
    ORDER_BEFORE_DAYS,
    RHYTHMS,
)
from dosing.knowledge.products import (
    SYRINGE_MARKS,
    SYRINGES_ML,
    TABLET_STRENGTHS_MG,
    TABLETS_OVER_SOLUTION,
    SyringeMarks,
)
from dosing.knowledge.prophylaxis import PROPHYLAXIS_REASONS
from dosing.knowledge.protocols import JAPAN, LATER_TARGETS, PROTOCOLS, REVIEW, Band, Start
from dosing.knowledge.references import SOURCES
from dosing.knowledge.tdm_rules import ASSAYS_DIFFER, ASSAYS_SOURCE, LEVEL_RULES
from dosing.patient import LiverImpairment
from dosing.pharmacokinetics import MODEL_KEYS, model_named
from dosing.pharmacokinetics.covariates import (
    UNIT_OF_RECORDED,
    Covariate,
    CovariateEffect,
    CovariateForm,
)
from dosing.quantities.formatting import rate
from dosing.quantities.reading_limits import READING_LIMITS
from dosing.surface_area import FORMULAS
from monitoring.exchange.omop_model import (
    CONCEPT_SOURCES,
    EHR,
    EHR_PRESCRIPTION,
    GENDERS,
    HEIGHT,
    LABORATORY,
    OPERATORS,
    ORAL,
    SIROLIMUS,
    SIROLIMUS_LEVEL,
    UNITS,
    WEIGHT,
)
from reports.presentation.cohort import range_words, review_remarks
from tests.project.accessibility import accessibility_page
from tests.project.hazard_log import hazard_log, hazard_page, introduction_page
from tests.project.markdown import DOCS, MADE, ROOT, SAFETY, table
from tests.project.proposed_figures import limits_page, proposed_page
from tests.project.reference import keys_page, options_page
from tests.project.soup import soup_page
from tests.project.tour import printed_pages

__all__ = ["DOCS", "ROOT", "pages"]


@cache
def pages() -> Mapping[Path, str]:
    """Return the text of every rendered page by its path."""
    return {
        DOCS / "hazards.md": hazard_page(hazard_log()),
        DOCS / "what-can-go-wrong.md": introduction_page(hazard_log()),
        SAFETY / "proposed-figures.md": proposed_page(),
        SAFETY / "soup.md": soup_page(),
        DOCS / "clinical-basis.md": _clinical_page(),
        DOCS / "alerts.md": _alert_page(),
        DOCS / "command-options.md": options_page(),
        DOCS / "json-keys.md": keys_page(),
        DOCS / "limits.md": limits_page(),
        DOCS / "reading-limits.md": _reading_page(),
        DOCS / "omop-concepts.md": _omop_page(),
        DOCS / "accessibility.md": accessibility_page(MADE),
    }


_CLINICAL = """\
# Clinical basis

{made}
Every figure that decides a dose, with the key of its source; the keys are explained at the end.
`proposed` marks this project's own judgement, and `unconfirmed` a figure without a source that was
read. The clinic confirms both. An unconfirmed figure never changes a dose.

## Protocols

{protocols}

A protocol states its dose per day or per administration; the other one is calculated. 1.6 mg/m²/day
in two doses and 0.8 mg/m²/dose are the same regimen. Targets for later in the course, which no
protocol starts with:

{later_targets}

## Body surface area

Weight w in kg or g in grams, height h in cm.

{formulas}

## Products

Oral solution 1 mg/mL; tablets of {tablets} mg, never split [us-label]. A dose is rounded to the
nearest mark of the clinic's syringes, halfway to the lower dose [proposed]: {steps}. Tablets are
rounded to 0.5 mg. Under 7 months a dose is rounded down, but for the low doses of protocol `infant`
[proposed]. A pharmacy's dilution has its own strength, and its volumes follow. The smallest syringe
that holds the volume is named: {syringes} mL.

Whole tablets round more than a syringe does. Their dose is shown with the two nearest ones, and,
within 25 % [proposed], with the nearest once a day, with more in the morning than in the evening,
and on alternate days [rapalimus-faq]. A typed dose off the marks, or not of whole tablets, is never
refused: a caution names the nearest ones.

An opened bottle of the solution keeps for a {bottle_keeps} in the fridge [{bottle_source}]. The
next supply is ordered {order_before} days before the first dose without any [proposed].

A taper goes down by at most 10 % a month of the dose at its start, with at least 2 weeks between
steps [nct04448873]. Where marks or tablets are coarser, a step comes later and not larger.

## Limits

A stop prevents a dose. A documented reason and a name pass an override. A caution is shown. The
daily dose is checked before and after rounding.

{limits}

"Difference from the Haycock formula" compares the chosen formula with the one that was validated in
infants, children and adults. An infant is under 24 months old. Adults' height is compared with the
WHO reference at 19 years, its last.

## Levels

{levels}

A level is compared with the target of the prescription at the time of the sample, both ends
included. {assays}: no level is converted, and levels of two
assays are never compared or joined. A low haematocrit lowers the level; it is not
recorded.

## Monitoring

Levels and blood tests have two published rhythms. The stricter is for infants under 2 years and
until the level is steady [proposed].

{rhythms}

## Prophylaxis against Pneumocystis

A strong reason is a caution; a soft one is a note, shown once.

{prophylaxis}

## Laboratory grades

A rising value has the grade of the last bracket that it is above, a falling one that of the last
bracket that it is below. v5.0 is the default; v6.0 is a clinic's choice. Only what differs in v6.0
has a second row.

{grades}

Lymphocytes have no grade by v6.0 here: its figures were not read. High glucose has no figures in
v5.0; in v6.0 the grades 1 and 2 are for a fasting sample alone.

Proteinuria [ctcae5]: 1+ on a dipstick is grade 1. In a child protein/creatinine of 0.5 to 1.9
mg/mg is grade 2 and above 1.9 grade 3; 1 mg/mg is 113 mg/mmol, as creatinine has 113.12 g/mol. In
an adult the protein of 24 hours is grade 1 from the ULN, 2 from 1.0 g and 3 from 3.5 g.

Blood pressure from 1 to 17 years: from the 90th centile grade 1, from the 95th grade 2, more than
5 mmHg above the 99th grade 3 [ctcae5], by age, sex and height [fourth-report2004]. That report
took the z score of the height from the CDC's tables; here it is from those of the WHO
[who-growth], at most 3 in either direction [proposed]. From 13 years on 120, 130/80 and 140/90 are
the grades 1, 2 and 3 too [aap2017], and the higher grade counts. From 18 years: 120/80, 140/90 and
160/100 [ctcae5].

## Interactions

A drug to avoid needs an override. A drug to be careful with is a caution. No dose is rescaled for
either.

{drugs}

## Liver impairment

{liver}

A loading dose is unchanged. Kidney impairment: no change.

## Pharmacokinetic models

The parameters of the typical patient of each population; ω² is the variance of a parameter's
logarithm between patients. Clearances in L/h, volumes in L, ka in 1/h, weight in kg, age in years,
AST in U/L, bilirubin in µmol/L, haematocrit in percent. There is no forecast outside the range. A
model "only beside" others never answers alone. Where no product is named it is taken for the
solution: tablets give {tablets_over_solution} times as much [us-label].
[kinetics-models.md](kinetics-models.md) describes how to add a model.

{models}

{parameters}

A laboratory value in the unit of the models:

{units}

The figures of a forecast; [commands.md](commands.md) lists the reasons against one.

{forecasts}

## Nadal 2016 beyond its counts

{review}

## Later evidence

Nadal 2016 stays the default protocol. What came after it is shown with it and decides no dose.

{later}

## Sources

{sources}
"""


def _clinical_page() -> str:
    return _CLINICAL.format(
        made=MADE,
        later_targets=table(("target", "for", "range", "source"), _later_rows()),
        protocols=table(
            ("protocol", "for", "dose", "doses a day", "target", "first level", "source"),
            _protocol_rows(),
        ),
        formulas=table(("formula", "equation", "remark", "source"), _formula_rows()),
        tablets=_list(TABLET_STRENGTHS_MG),
        steps="; or ".join(_marks(marks) for marks in SYRINGE_MARKS.values()),
        syringes=_list(SYRINGES_ML),
        limits=table(("code", "kind", "figure", "out of bounds", "for", "source"), _limit_rows()),
        levels=table(
            ("figure", "use", "source"),
            tuple((str(rule), rule.meaning, rule.source) for rule in LEVEL_RULES),
        ),
        forecasts=table(
            ("figure", "use", "source"),
            ((str(rule), rule.meaning, rule.source) for rule in FORECAST_RULES),
        ),
        assays=f"{ASSAYS_DIFFER} [{ASSAYS_SOURCE}]",
        grades=table(("term", "1", "2", "3", "4", "source"), _grade_rows()),
        drugs=table(("drug", "advice", "effect", "source"), _drug_rows()),
        liver=table(
            ("Child-Pugh", "exposure", "maintenance dose", "Japanese protocol"), _liver_rows()
        ),
        tablets_over_solution=TABLETS_OVER_SOLUTION,
        bottle_keeps=OPENED_BOTTLE_KEEPS,
        bottle_source=OPENED_BOTTLE_SOURCE,
        order_before=ORDER_BEFORE_DAYS,
        models=table(
            ("model", "population", "range", "assay", "product", "residual error", "source"),
            _model_rows(),
        ),
        units=table(("value", "1 of its unit", "is", "source"), _unit_rows()),
        parameters=table(
            ("model", "parameter", "typical value", "ω²", "place in the source"), _parameter_rows()
        ),
        rhythms=table(("rhythm", "levels and blood tests", "adds", "source"), _rhythm_rows()),
        prophylaxis=table(
            ("reason", "strength", "source"),
            ((each.words, each.strength, each.source) for each in PROPHYLAXIS_REASONS),
        ),
        review="\n".join(f"- {each}" for each in (*review_remarks(), range_words())),
        later=table(
            ("study", "year", "facts", "source"),
            (
                (each.name, str(each.year or ""), "; ".join(each.facts), each.source)
                for each in LATER_EVIDENCE
            ),
        ),
        sources=table(("key", "source"), ((f"`{key}`", text) for key, text in SOURCES.items())),
    )


def _list(numbers: Iterable[object]) -> str:
    return ", ".join(str(number) for number in numbers)


def _marks(marks: SyringeMarks) -> str:
    return ", ".join(f"{step} mL up to {up_to} mL" for up_to, step in marks.steps) + " and above"


def _later_rows() -> Iterable[tuple[str, ...]]:
    for later in LATER_TARGETS.values():
        yield later.key, later.name, str(later.target), later.source


def _rhythm_rows() -> Iterable[tuple[str, ...]]:
    for each in RHYTHMS.values():
        adds = ", ".join(each.adds_tests)
        yield each.key, str(each.rhythm), adds, each.rhythm.source


def _grade_rows() -> Iterable[tuple[str, ...]]:
    for version, scales in SCALES_OF.items():
        for name, scale in scales.items():
            if version == CTCAE_5 or scale != SCALES.get(name):
                words = scale_wording(scale)
                cells = (words.get(grade, "-") for grade in (1, 2, 3, 4))
                yield (name, *cells, SOURCES_OF_GRADES[version])


def _protocol_rows() -> Iterable[tuple[str, ...]]:
    for protocol in PROTOCOLS.values():
        first, last = protocol.first_level_days
        days = f"day {first}" if first == last else f"day {first}-{last}"
        if not protocol.starts:
            target = str(protocol.target)
            yield protocol.key, "all", "none stated", "-", target, "-", protocol.source
        for start in protocol.starts:
            dose = rate(start.stated)
            if protocol.loading_dose is not None:
                dose = f"{rate(protocol.loading_dose)} once, then {dose}"
            yield (
                protocol.key,
                _whom(start.band),
                dose,
                " or ".join(_doses_a_day(start)),
                str(protocol.target),
                f"{days} [{protocol.first_level_source}]",
                protocol.source,
            )


def _doses_a_day(start: Start) -> Iterable[str]:
    for hours in (start.interval_hours, *start.or_every_hours):
        yield str(24 // hours) if hours <= 24 else f"1 every {hours} hours"


def _whom(band: Band) -> str:
    parts = [
        _range(band.age_from_months, band.age_below_months, "months"),
        _range(band.area_from_m2, band.area_below_m2, "m²"),
        _range(0, band.weight_below_kg, "kg"),
    ]
    if len(band.products) == 1:
        parts.append(band.products[0].value)
    return ", ".join(filter(None, parts)) or "everyone"


def _range(lowest: object, below: object | None, unit: str) -> str:
    if below is None:
        return f"from {lowest} {unit}" if lowest else ""
    return f"{lowest} to below {below} {unit}" if lowest else f"below {below} {unit}"


def _formula_rows() -> Iterable[tuple[str, ...]]:
    for formula in FORMULAS.values():
        equation = formula.written.format(w="w", h="h", g="g")
        yield formula.name, equation, formula.remark, formula.source


_READING = """\
# What a file may have

{made}
A file is read only if it is a regular one: a pipe, device, socket or folder is refused at once.
A file beyond a limit is refused as a whole, with the limit in the message; nothing of it is cut or
stored. A workbook is counted before anything is built from it, and one that declares entities is
refused. Seconds are those of the processor. The table is `dosing/quantities/reading_limits.py`.

{rows}
"""

_OMOP = """\
# OMOP concepts

{made}
The concepts that `sirolimus export --omop` writes, each with the public source of its id. A
vocabulary may have more; an id without a source is not written. Fields and concepts are in
`monitoring/exchange/omop_model.py`.

{rows}

## Sources

{sources}
"""

_ALERTS = """\
# Alerts

{made}
Every alert of the program: its code, its kind, its sentences and the key of its source, which the
[clinical basis](clinical-basis.md) explains. A sentence with an unknown figure is left out. The
words of a finding are in `dosing/knowledge/alert_catalogue.py`, those of a limit in its row of
`dosing/knowledge/limits.py`.

## Findings

{rows}

## Limits

{limits}
"""


def _reading_page() -> str:
    rows = ((each.of, f"{each.most:,} {each.unit}", each.why) for each in READING_LIMITS)
    return _READING.format(made=MADE, rows=table(("file", "at most", "because"), rows))


def _omop_page() -> str:
    rows = [
        *(("type", "", each) for each in (EHR, EHR_PRESCRIPTION)),
        *(("gender", sex.value, each) for sex, each in GENDERS.items()),
        ("drug", "sirolimus", SIROLIMUS),
        ("route", "oral", ORAL),
        ("measurement", "level, LOINC 29247-4", SIROLIMUS_LEVEL),
        ("measurement", "weight", WEIGHT),
        ("measurement", "height", HEIGHT),
        *(
            ("measurement", f"{each.test} in {' or '.join(sorted(each.units))}", each.concept)
            for each in LABORATORY
        ),
        *(("operator", f"`{sign}`", each) for sign, each in OPERATORS.items()),
        *(("unit", unit, each) for unit, each in UNITS.items()),
    ]
    cells = ((what, of, str(each.id), each.name, each.source) for what, of, each in rows)
    sources = ((f"`{key}`", text) for key, text in CONCEPT_SOURCES.items())
    return _OMOP.format(
        made=MADE,
        rows=table(("field", "of", "concept", "name", "source"), cells),
        sources=table(("key", "source"), sources),
    )


def _alert_page() -> str:
    rows = sorted(CATALOGUE, key=lambda row: (row.code, -row.kind))
    limits = dict.fromkeys(limit.row for limit in LIMITS)
    return _ALERTS.format(made=MADE, rows=_table_of_alerts(rows), limits=_table_of_alerts(limits))


def _table_of_alerts(rows: Iterable[AlertRow]) -> str:
    headings = ("code", "kind", "sentences", "source")
    return table(
        headings,
        ((f"`{row.code}`", row.kind.word, " ".join(row.sentences), row.source) for row in rows),
    )


def _limit_rows() -> Iterable[tuple[str, ...]]:
    for limit in LIMITS:
        yield (
            f"`{limit.code}`",
            limit.kind.word,
            limit.figure.label,
            limit.out_of_bounds,
            limit.whom.words,
            limit.source,
        )


def _drug_rows() -> Iterable[tuple[str, ...]]:
    words = {
        InteractionClass.AVOID: "avoid",
        InteractionClass.CAREFUL: "careful",
        InteractionClass.NOT_LISTED: "none listed",
    }
    for drug in DRUGS:
        yield drug.name, words[drug.advice], drug.effect, drug.source


def _liver_rows() -> Iterable[tuple[str, ...]]:
    for liver in LiverImpairment:
        general, japan = liver_reduction(REVIEW, liver), liver_reduction(JAPAN, liver)
        yield (
            liver.value,
            f"+{exposure_rise_percent(liver)} %",
            f"× {general} [{general.source}]" if general else "unchanged",
            f"× {japan} [{japan.source}]" if japan else "unchanged",
        )


def _model_rows() -> Iterable[tuple[str, ...]]:
    for model in map(model_named, MODEL_KEYS):
        errors = (
            f"{model.additive_ng_ml:g} ng/mL" if model.additive_ng_ml else "",
            f"{100 * model.proportional:g} %" if model.proportional else "",
        )
        yield (
            f"`{model.key}`{' (only beside)' if model.only_beside else ''}",
            model.population,
            "; ".join(filter(None, map(_covariate_range, model.covariates))),
            model.assay,
            model.product.value if model.product else "not named",
            " and ".join(filter(None, errors)),
            model.source,
        )


def _unit_rows() -> Iterable[tuple[str, ...]]:
    for name, units in IN_UNIT_OF_MODELS.items():
        for unit, factor in units.items():
            is_molar = name == "bilirubin" and unit.startswith("mg")
            source = MOLAR_MASS_SOURCE if is_molar else "definition"
            yield name, unit, f"{factor:.5g} {UNIT_OF_RECORDED[name]}", source


def _covariate_range(covariate: Covariate) -> str:
    ends = (
        "" if covariate.lowest is None else f"from {covariate.lowest:g}",
        "" if covariate.highest is None else f"to {covariate.highest:g}",
    )
    span = " ".join(filter(None, ends))
    return f"{covariate.name} {span} {covariate.unit}" if span else ""


def _parameter_rows() -> Iterable[tuple[str, ...]]:
    for model in map(model_named, MODEL_KEYS):
        variances = {name: model.omega[at][at] for at, name in enumerate(model.effects)}
        for parameter in model.parameters:
            factors = (f"{parameter.value:g}", *map(_factor, parameter.relations))
            variance = variances.get(parameter.name)
            yield (
                f"`{model.key}`",
                parameter.name,
                " × ".join(factors),
                "none" if variance is None else f"{variance:g}",
                parameter.source,
            )


def _factor(relation: CovariateEffect) -> str:
    x = relation.covariate
    match relation.kind:
        case CovariateForm.POWER:
            return f"({x} / {relation.reference:g})^{relation.exponent:g}"
        case CovariateForm.FACTOR:
            return f"{relation.factor:g} with {x}"
        case CovariateForm.FACTOR_ABOVE:
            return f"{relation.factor:g} where {x} > {relation.above:g}"
        case CovariateForm.LINEAR:
            sign = "+" if relation.slope > 0 else "−"
            return f"(1 {sign} {abs(relation.slope):g} × {x} / {relation.reference:g})"
        case CovariateForm.MATURATION:
            return f"{x} / ({relation.half:g} + {x})"


if __name__ == "__main__":
    for path, text in {**pages(), **printed_pages()}.items():
        path.write_text(text, encoding="utf-8")
