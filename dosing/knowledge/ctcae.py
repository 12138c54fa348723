"""Grades of CTCAE v5.0, in this project's own short wording.

Figures and thresholds: clinical reference, section 8 (source key `ctcae5`). Where a laboratory
value decides, the wording comes from the scale in `laboratory_grades.py`. Asthenia is graded
as fatigue, defective healing as wound complication, interstitial disease as pneumonitis and
mouth sores as oral mucositis. Grade 5 is death; a term that is never life-threatening has neither
grade 4 nor 5.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from dosing import Age, UserError
from dosing.knowledge.adverse_event_terms import Term
from dosing.knowledge.laboratory_grades import CTCAE_5, SCALES, SCALES_OF, scale_wording
from dosing.knowledge.protocols import ADULT_FROM_MONTHS

_DEATH = "death"
_LIFE_THREATENING = "life-threatening"

Wording = Mapping[int, str]


@dataclass(frozen=True, slots=True)
class Grades:
    """The grades that a CTCAE term has, 1 to 5, each with its wording."""

    graded_as: str
    wording: Wording


def _wording(*from_first: str | None) -> Wording:
    """Return the grades 1 to 4 with their wordings, without those that do not exist, and death."""
    numbered = {grade: text for grade, text in enumerate(from_first, start=1) if text}
    return numbered | ({5: _DEATH} if 4 in numbered else {})


_PAIN = _wording(
    "mild", "moderate; limits instrumental activities", "severe; limits self care"
)  # fmt: skip
_BY_EXAMINATION: Mapping[str, Wording] = {
    "Mucositis oral": _wording(
        "no or mild symptoms",
        "moderate pain; eats, with a modified diet",
        "severe pain; eating or drinking is affected",
        _LIFE_THREATENING,
    ),
    "Headache": _PAIN,
    "Abdominal pain": _PAIN,
    "Fatigue": _wording(
        "relieved by rest",
        "not relieved by rest; limits instrumental activities",
        "not relieved by rest; limits self care",
    ),
    "Nausea": _wording(
        "less appetite",
        "eats less, without loss of weight",
        "needs tube feeding, parenteral nutrition or admission",
    ),
    "Vomiting": _wording(
        "no intervention needed",
        "fluids given to an outpatient",
        "needs tube feeding, parenteral nutrition or admission",
        _LIFE_THREATENING,
    ),
    "Diarrhoea": _wording(
        "fewer than 4 stools a day more than usual",
        "4 to 6 stools a day more than usual",
        "7 or more stools a day more than usual, or admission",
        _LIFE_THREATENING,
    ),
    "Oedema limbs": _wording(
        "limbs differ by 5 to 10 %",
        "limbs differ by more than 10 to 30 %",
        "limbs differ by more than 30 %; limits self care",
    ),
    "Wound complication": _wording(
        "observed, or cared for topically",
        "bedside care",
        "operation",
        _LIFE_THREATENING,
    ),
    "Pneumonitis": _wording(
        "no symptoms: seen on imaging only",
        "symptoms; treatment needed",
        "severe symptoms; oxygen needed",
        "life-threatening: breathing fails",
    ),
    "Infection": _wording(
        "mild or local",
        "treated by mouth",
        "intravenous or invasive treatment",
        _LIFE_THREATENING,
    ),
    "Febrile neutropenia": _wording(
        None,
        None,
        "neutrophils below 1.0 ×10⁹/L, and above 38.3 °C once or 38 °C or more for over an hour",
        _LIFE_THREATENING,
    ),
    "Bacteraemia": _wording(
        None,
        "bacteria in the blood without symptoms",
        "sepsis, treated",
        _LIFE_THREATENING,
    ),
    "Sepsis": _wording(None, None, "treated", _LIFE_THREATENING),
    "Rash acneiform": _wording(
        "less than 10 % of the skin",
        "10 to 30 % of the skin",
        "more than 30 % of the skin, or superinfected",
        _LIFE_THREATENING,
    ),
}

_CHILDREN: Mapping[str, Wording] = {
    "Hypertension": _wording(
        "from the 90th to the 95th centile (adolescent: from 120/80 mm[Hg])",
        "from the 95th to 5 mm[Hg] above the 99th centile (adolescent: systolic 130-139 or "
        "diastolic 80-89 mm[Hg])",
        "more than 5 mm[Hg] above the 99th centile",
        "hypertensive crisis",
    ),
    "Proteinuria": _wording(
        "1+, or from the ULN to below 1.0 g in 24 hours",
        "protein/creatinine in urine 0.5 to 1.9",
        "protein/creatinine in urine above 1.9",
    ),
}
_ADULTS: Mapping[str, Wording] = {
    "Hypertension": _wording(
        "systolic 120-139 or diastolic 80-89 mm[Hg]",
        "systolic 140-159 or diastolic 90-99 mm[Hg]",
        "systolic 160 mm[Hg] or more, or diastolic 100 mm[Hg] or more",
        "hypertensive crisis",
    ),
    "Proteinuria": _wording(
        "1+, or from the ULN to below 1.0 g in 24 hours",
        "1.0 to below 3.5 g in 24 hours",
        "3.5 g in 24 hours or more",
    ),
}


# Grades that need more than the number.
_JUDGED_CLINICALLY: Mapping[str, Wording] = {
    "Anaemia": {4: _LIFE_THREATENING},
    "Hypoalbuminaemia": {4: _LIFE_THREATENING},
    "Hypokalaemia": {2: "as grade 1, with symptoms or treated"},
}


def _by_number(name: str, version: str = CTCAE_5) -> Wording:
    words = {**scale_wording(SCALES_OF[version][name]), **_JUDGED_CLINICALLY.get(name, {})}
    return _wording(*(words.get(grade) for grade in (1, 2, 3, 4)))


_AT_ANY_AGE: Mapping[str, Wording] = MappingProxyType(
    {**_BY_EXAMINATION, **{name: _by_number(name) for name in SCALES}}
)


def scale_for(term: Term, version: str) -> str:
    """Return the version of CTCAE that grades an adverse event, where a clinic chose `version`.

    It is the chosen one where a laboratory value decides and the figures are known, else v5.0.
    """
    return version if term.graded_as in SCALES_OF[version] else CTCAE_5


def grades_of(term: Term, age: Age, version: str = CTCAE_5) -> Grades | None:
    """Return the grades of an adverse event at an age; None for a term without wording.

    Hypertension and proteinuria have other grades from 18 years on. A version other than v5.0
    counts where `scale_for` gives it.
    """
    if term.graded_as is None:
        return None
    if version != CTCAE_5 and version in SCALES_OF and term.graded_as in SCALES_OF[version]:
        return Grades(term.graded_as, _by_number(term.graded_as, version))
    by_age = _ADULTS if age.months >= ADULT_FROM_MONTHS else _CHILDREN
    wording = by_age.get(term.graded_as) or _AT_ANY_AGE[term.graded_as]
    return Grades(term.graded_as, wording)


def check_grade(term: Term, grade: int, age: Age) -> None:
    """Raise `UserError`, with the grades that exist, for a grade that an adverse event lacks."""
    grades = grades_of(term, age)
    if grades and grade not in grades.wording:
        has = "; ".join(f"{number}: {words}" for number, words in grades.wording.items())
        raise UserError(
            f"{term.name} has no grade {grade} in CTCAE v5.0 ({grades.graded_as}). It has {has}."
        )
