"""The OMOP Common Data Model 5.4 as far as it is written: fields, types, and concepts with sources.

Fields and types: OHDSI/CommonDataModel, inst/csv/OMOP_CDMv5.4_Field_Level.csv. A concept id is
written only where a public source states it; anything else is 0, "No matching concept", and its
code or text is in the field `…_source_value`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from dosing import Sex


@dataclass(frozen=True, slots=True)
class CdmField:
    """A field of a table: its name, its type, and whether it must have a value."""

    name: str
    type: str
    required: bool

    @property
    def longest(self) -> int | None:
        """The most characters of a text; None without a limit."""
        found = re.fullmatch(r"varchar\(([0-9]+)\)", self.type)
        return int(found[1]) if found else None


def _fields(text: str) -> tuple[CdmField, ...]:
    """Return the fields of a text: a name with * must have a value, and its type follows."""
    pairs = (each.split() for each in text.split(","))
    return tuple(CdmField(name.rstrip("*"), kind, name.endswith("*")) for name, kind in pairs)


CDM_TABLES: Mapping[str, tuple[CdmField, ...]] = {
    "person": _fields(
        "person_id* integer, gender_concept_id* integer, year_of_birth* integer, month_of_birth "
        "integer, day_of_birth integer, birth_datetime datetime, race_concept_id* integer, "
        "ethnicity_concept_id* integer, location_id integer, provider_id integer, care_site_id "
        "integer, person_source_value varchar(50), gender_source_value varchar(50), "
        "gender_source_concept_id integer, race_source_value varchar(50), race_source_concept_id "
        "integer, ethnicity_source_value varchar(50), ethnicity_source_concept_id integer"
    ),
    "observation_period": _fields(
        "observation_period_id* integer, person_id* integer, observation_period_start_date* date, "
        "observation_period_end_date* date, period_type_concept_id* integer"
    ),
    "measurement": _fields(
        "measurement_id* integer, person_id* integer, measurement_concept_id* integer, "
        "measurement_date* date, measurement_datetime datetime, measurement_time varchar(10), "
        "measurement_type_concept_id* integer, operator_concept_id integer, value_as_number "
        "float, value_as_concept_id integer, unit_concept_id integer, range_low float, range_high "
        "float, provider_id integer, visit_occurrence_id integer, visit_detail_id integer, "
        "measurement_source_value varchar(50), measurement_source_concept_id integer, "
        "unit_source_value varchar(50), unit_source_concept_id integer, value_source_value "
        "varchar(50), measurement_event_id integer, meas_event_field_concept_id integer"
    ),
    "drug_exposure": _fields(
        "drug_exposure_id* integer, person_id* integer, drug_concept_id* integer, "
        "drug_exposure_start_date* date, drug_exposure_start_datetime datetime, "
        "drug_exposure_end_date* date, drug_exposure_end_datetime datetime, verbatim_end_date "
        "date, drug_type_concept_id* integer, stop_reason varchar(20), refills integer, quantity "
        "float, days_supply integer, sig varchar(max), route_concept_id integer, lot_number "
        "varchar(50), provider_id integer, visit_occurrence_id integer, visit_detail_id integer, "
        "drug_source_value varchar(50), drug_source_concept_id integer, route_source_value "
        "varchar(50), dose_unit_source_value varchar(50)"
    ),
    "condition_occurrence": _fields(
        "condition_occurrence_id* integer, person_id* integer, condition_concept_id* integer, "
        "condition_start_date* date, condition_start_datetime datetime, condition_end_date date, "
        "condition_end_datetime datetime, condition_type_concept_id* integer, "
        "condition_status_concept_id integer, stop_reason varchar(20), provider_id integer, "
        "visit_occurrence_id integer, visit_detail_id integer, condition_source_value "
        "varchar(50), condition_source_concept_id integer, condition_status_source_value "
        "varchar(50)"
    ),
}
"""The fields of each table, in the order of its file."""

CONCEPT_SOURCES = {
    "ans": "Agence du Numérique en Santé, IG-FHIR-EDS-SOCLE-COMMUN, concept maps to OHDSI",
    "mimic": "OHDSI/MIMIC, custom_mapping_csv and etl",
    "pcornet": "PCORnet2OMOP_ETL_tool, 7.VITAL.sql",
    "protect-child": "HL7 Europe, PROTECT-CHILD, CodeSystem immunosuppressant-drug-type",
    "synthea": "OHDSI, ETL-Synthea, drug_exposure",
    "vulcan": "HL7 Vulcan, FHIR to OMOP 1.0.0, ConceptMap BloodPressureCodes",
}
"""The public sources of the concept ids, by their keys."""


@dataclass(frozen=True, slots=True)
class Concept:
    """A standard concept of OMOP: its id, its name, and the key of its source."""

    id: int
    name: str
    source: str


NO_CONCEPT = 0
EHR = Concept(32817, "EHR", "mimic")
EHR_PRESCRIPTION = Concept(32838, "EHR prescription", "synthea")
SIROLIMUS = Concept(19034726, "sirolimus", "protect-child")
SIROLIMUS_CODES = "sirolimus (ATC L04AH01)"
ORAL = Concept(4132161, "Oral", "mimic")
SIROLIMUS_LEVEL = Concept(3021374, "Sirolimus [Mass/volume] in Blood", "mimic")
WEIGHT = Concept(3025315, "Body weight", "pcornet")
HEIGHT = Concept(3036277, "Body height", "pcornet")

GENDERS = {Sex.MALE: Concept(8507, "MALE", "ans"), Sex.FEMALE: Concept(8532, "FEMALE", "ans")}

_AT_MOST, _AT_LEAST = Concept(4171754, "<=", "ans"), Concept(4171755, ">=", "ans")
OPERATORS = {
    "<": Concept(4171756, "<", "ans"),
    "<=": _AT_MOST,
    "≤": _AT_MOST,
    ">=": _AT_LEAST,
    "≥": _AT_LEAST,
    ">": Concept(4172704, ">", "ans"),
}

UNITS = {
    "ng/mL": Concept(8842, "nanogram per milliliter", "mimic"),
    "ug/L": Concept(8748, "microgram per liter", "mimic"),
    "nmol/L": Concept(8736, "nanomole per liter", "mimic"),
    "U/L": Concept(8645, "unit per liter", "mimic"),
    "g/dL": Concept(8713, "gram per deciliter", "mimic"),
    "mg/dL": Concept(8840, "milligram per deciliter", "mimic"),
    "mg/L": Concept(8751, "milligram per liter", "mimic"),
    "mg/g": Concept(8723, "milligram per gram", "mimic"),
    "mmol/L": Concept(8753, "millimole per liter", "mimic"),
    "umol/L": Concept(8749, "micromole per liter", "mimic"),
    "meq/L": Concept(9557, "milliequivalent per liter", "mimic"),
    "ng/dL": Concept(8817, "nanogram per deciliter", "mimic"),
    "ug/dL": Concept(8837, "microgram per deciliter", "mimic"),
    "fL": Concept(8583, "femtoliter", "mimic"),
    "pg": Concept(8564, "picogram", "mimic"),
    "%": Concept(8554, "percent", "mimic"),
    "mm[Hg]": Concept(8876, "millimeter mercury column", "mimic"),
    "kg": Concept(9529, "kilogram", "mimic"),
    "cm": Concept(8582, "centimeter", "mimic"),
}
"""The concepts of units, by the spelling in the records."""


@dataclass(frozen=True, slots=True)
class LaboratoryConcept:
    """The concept of a test in some units: mass and amount of substance are two concepts."""

    test: str
    loinc: str
    units: frozenset[str]
    concept: Concept


def _test(  # noqa: PLR0913, PLR0917 - a row of the table
    test: str, loinc: str, units: str, concept_id: int, name: str, source: str
) -> LaboratoryConcept:
    concept = Concept(concept_id, name, source)
    return LaboratoryConcept(test, loinc, frozenset(units.split()), concept)


_SERUM = "in Serum or Plasma"
LABORATORY = (
    _test("ALT", "1742-6", "U/L", 3006923, f"Alanine aminotransferase {_SERUM}", "ans"),
    _test("AST", "1920-8", "U/L", 3013721, f"Aspartate aminotransferase {_SERUM}", "ans"),
    _test("GGT", "2324-2", "U/L", 3026910, f"Gamma glutamyl transferase {_SERUM}", "ans"),
    _test("bilirubin", "1975-2", "mg/dL", 3024128, f"Bilirubin.total [Mass/volume] {_SERUM}",
          "mimic"),
    _test("bilirubin", "14631-6", "umol/L", 3006140, f"Bilirubin.total [Moles/volume] {_SERUM}",
          "ans"),
    _test("creatinine", "2160-0", "mg/dL", 3016723, f"Creatinine [Mass/volume] {_SERUM}", "ans"),
    _test("creatinine", "14682-9", "umol/L", 3020564, f"Creatinine [Moles/volume] {_SERUM}",
          "ans"),
    _test("cholesterol", "2093-3", "mg/dL", 3027114, f"Cholesterol [Mass/volume] {_SERUM}",
          "mimic"),
    _test("triglycerides", "2571-8", "mg/dL", 3022192, f"Triglyceride [Mass/volume] {_SERUM}",
          "mimic"),
    _test("haemoglobin", "718-7", "g/dL g/L", 3000963, "Hemoglobin [Mass/volume] in Blood", "ans"),
    _test("platelets", "777-3", "10*9/L", 3024929,
          "Platelets [#/volume] in Blood by Automated count", "ans"),
    _test("neutrophils", "751-8", "10*9/L", 3013650,
          "Neutrophils [#/volume] in Blood by Automated count", "mimic"),
    _test("white cells", "6690-2", "10*9/L", 3000905,
          "Leukocytes [#/volume] in Blood by Automated count", "ans"),
    _test("lymphocytes", "731-0", "10*9/L", 3004327,
          "Lymphocytes [#/volume] in Blood by Automated count", "mimic"),
    _test("potassium", "2823-3", "mmol/L meq/L", 3023103, f"Potassium [Moles/volume] {_SERUM}",
          "mimic"),
    _test("glucose", "2345-7", "mg/dL", 3004501, f"Glucose [Mass/volume] {_SERUM}", "mimic"),
    _test("glucose", "14749-6", "mmol/L", 3013826, f"Glucose [Moles/volume] {_SERUM}", "ans"),
    _test("phosphate", "2777-1", "mg/dL", 3011904, f"Phosphate [Mass/volume] {_SERUM}", "mimic"),
    _test("urine protein/creatinine", "2890-2", "mg/mg mg/g", 3001582,
          "Protein/Creatinine [Mass Ratio] in Urine", "mimic"),
    _test("albumin", "1751-7", "g/dL g/L", 3024561, f"Albumin [Mass/volume] {_SERUM}", "mimic"),
    _test("systolic blood pressure", "8480-6", "mm[Hg]", 3004249, "Systolic blood pressure",
          "vulcan"),
    _test("diastolic blood pressure", "8462-4", "mm[Hg]", 3012888, "Diastolic blood pressure",
          "vulcan"),
)  # fmt: skip
"""The concepts of the laboratory tests, by the names of `monitoring.laboratory.tests`."""


def laboratory_concept(test: str, unit: str) -> LaboratoryConcept | None:
    """Return the concept of a test in a unit, or None without a source for one."""
    return next((each for each in LABORATORY if each.test == test and unit in each.units), None)
