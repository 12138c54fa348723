"""The evidence since Nadal 2016: trials and reviews, each with its year, its source and its facts.

It is shown with the figures of Nadal 2016, whose protocol stays the default. Nothing here decides
a dose. The facts: the rules of the course of treatment, section 9, read in the abstracts.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class LaterEvidence:
    """One trial, cohort or review since Nadal 2016; `year` is None where it is not known here."""

    name: str
    year: int | None
    source: str
    facts: tuple[str, ...]

    def __post_init__(self) -> None:
        """Raise `ValueError` without a fact."""
        if not self.facts:
            raise ValueError(self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Relapse:
    """The patients who relapsed after treatment was stopped, and their median time to it."""

    relapsed: int
    of: int
    median_months: int
    source: str

    def to_dict(self) -> dict[str, object]:
        """Return the figures as every JSON document of the program holds them."""
        return {
            "relapsed": self.relapsed,
            "of": self.of,
            "median_months": self.median_months,
            "source": self.source,
        }

    def __str__(self) -> str:
        """Return the figures in words."""
        return f"{self.relapsed} of {self.of} relapsed, median {self.median_months} months"


RELAPSE_AFTER_STOPPING = Relapse(relapsed=33, of=61, median_months=13, source="vase2023")
"""The rules of the course of treatment, section 7."""

LATER_EVIDENCE = (
    LaterEvidence(
        name="Phase II trial (Adams)", year=2016, source="adams2016",
        facts=(
            "61 treated; after course 6, of 57: partial response 47, stable 3, progressive 7",
            "bone marrow toxicity of grade 3 or more in 27 %",
        ),
    ),
    LaterEvidence(
        name="VASE", year=2023, source="vase2023",
        facts=(
            "132 patients, 31 of them children",
            "85 % improved, most within a month",
            "adverse events of grade 3-4 in 24 (18 %), resolved on interruption",
            "54 % relapsed after stopping",
        ),
    ),
    LaterEvidence(
        name="PERFORMUS", year=2021, source="performus2021",
        facts=(
            "59 children of 6-18 years, target 4-12 ng/mL",
            "no effect on volume overall; smaller volume in pure lymphatic malformations",
            "less pain and bleeding, better quality of life",
            "mouth ulcers in 49 %",
        ),
    ),
    LaterEvidence(
        name="Low target (Harbers), case series", year=2021, source="harbers2021",
        facts=("12 patients, target 4-10 ng/mL: 92 % improved",),
    ),
    LaterEvidence(
        name="Low target (Harbers), phase IIB", year=None, source="harbers-phase2b",
        facts=(
            "68 evaluable, target 4-10 ng/mL: effective in 79 %",
            "adverse events in 36 % of children and 64 % of adults",
        ),
    ),
    LaterEvidence(
        name="Kasabach-Merritt phenomenon (Ji)", year=2022, source="ji2022",
        facts=(
            "platelets above 100 ×10⁹/L at week 4: with prednisolone 35 of 37, without 24 of 36",
        ),
    ),
    LaterEvidence(
        name="Review of kaposiform haemangioendothelioma", year=2020, source="khe-review2020",
        facts=("0.8 mg/m²/dose twice a day, trough 8-15 ng/mL, in the long term 2-5 ng/mL",),
    ),
    LaterEvidence(
        name="Neurofibromatosis type 1, 3-18 years", year=None, source="nf1-pharmacokinetics",
        facts=(
            "2.0 mg/m²/dose twice a day (SD 0.72) was needed for 10-15 ng/mL",
            "the dose of the phase II trial may not reach its target",
        ),
    ),
    LaterEvidence(
        name="Population kinetics (Wang)", year=2021, source="wang2021",
        facts=(
            "15 children: clearance falls from 0.31 to 0.17 L/h/kg from 5 to 60 kg",
            "in Fan 2024 clearance rises with weight",
            "0.07, 0.06 and 0.05 mg/kg/day at 5-10, 10-24.5 and 24.5-60 kg",
        ),
    ),
    LaterEvidence(
        name="SIROLO", year=2024, source="sirolo2024",
        facts=(
            "67 patients treated for 3 years or more, 15 centres, 35 of them children",
            "mean level 6.4 ± 3.7 ng/mL in the first six months, 4.2 ± 3.2 in the last",
            "serious adverse events in 6 (9 %), mainly respiratory infection; ovarian cysts in 2",
            "8 changed to alpelisib",
        ),
    ),
)  # fmt: skip
"""Later evidence, in the order of the reference."""
