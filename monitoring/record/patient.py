"""The patient, with the vascular anomaly by the groups of Nadal 2016."""

from dataclasses import dataclass
from datetime import date
from enum import Enum

from dosing import Sex, UserError
from dosing.gestational_age import GestationalAge
from dosing.quantities.text import LONGEST_RECORD_NUMBER
from monitoring.record.entry import Entry, free_text, keep, name_text


class Anomaly(Enum):
    """The vascular anomaly, by the groups of Nadal 2016 (`nadal2016`)."""

    KHE_OR_TUFTED_ANGIOMA = "khe-or-tufted-angioma"
    HAEMANGIOMA = "haemangioma"
    OTHER_TUMOUR = "other-tumour"
    LYMPHATIC = "lymphatic-malformation"
    VENOLYMPHATIC = "venolymphatic-malformation"
    VENOUS = "venous-malformation"
    ARTERIOVENOUS = "arteriovenous-malformation"
    OTHER_MALFORMATION = "other-malformation"
    NOT_RECORDED = "not-recorded"

    @property
    def is_tumour(self) -> bool:
        """Return whether Nadal 2016 groups it with the tumours."""
        return self in _TUMOURS

    @property
    def words(self) -> str:
        """The anomaly in words; empty if it is not recorded.

        >>> Anomaly.LYMPHATIC.words, Anomaly.KHE_OR_TUFTED_ANGIOMA.words
        ('lymphatic malformation', 'kaposiform haemangioendothelioma or tufted angioma')
        """
        if self is Anomaly.NOT_RECORDED:
            return ""
        return str(self.value).replace("khe", "kaposiform haemangioendothelioma").replace("-", " ")


class Cyp3a5(Enum):
    """The genotype of CYP3A5: an allele *1 makes the enzyme, *3 does not."""

    BOTH = "*1/*1"
    ONE = "*1/*3"
    NEITHER = "*3/*3"

    @property
    def is_carrier(self) -> bool:
        """Return whether it has an allele *1."""
        return self is not Cyp3a5.NEITHER


_TUMOURS = {Anomaly.KHE_OR_TUFTED_ANGIOMA, Anomaly.HAEMANGIOMA, Anomaly.OTHER_TUMOUR}


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient(Entry):
    """A patient. The record number is text: 00123 and 1E5 stay as typed.

    Raises `UserError` for a record number or name without a letter or digit.
    """

    record_number: str
    name: str
    born: date
    sex: Sex
    anomaly: Anomaly = Anomaly.NOT_RECORDED
    diagnosis: str = ""
    """The diagnosis in the clinic's own words."""
    allergies: str = ""
    congenital: bool | None = None
    """Whether the anomaly was present at birth; None if not recorded."""
    severity: str | None = None
    """The severity before treatment, in the clinic's own words."""
    gestation: GestationalAge | None = None
    """The gestational age at birth; None if it is not recorded."""
    cyp3a5: Cyp3a5 | None = None
    """The genotype of CYP3A5; None if it is not known."""

    def __post_init__(self) -> None:
        """Clean the texts."""
        keep(self, "record_number", name_text(self.record_number, "The record number"))
        keep(self, "name", name_text(self.name, "The name"))
        keep(self, "diagnosis", free_text(self.diagnosis, "The diagnosis"))
        keep(self, "allergies", free_text(self.allergies, "The allergies"))
        if self.severity is not None:
            keep(self, "severity", name_text(self.severity, "The severity"))
        if len(self.record_number) > LONGEST_RECORD_NUMBER:
            raise UserError(
                f"The record number may have {LONGEST_RECORD_NUMBER} characters. Shorten it."
            )
