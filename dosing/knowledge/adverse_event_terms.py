"""The adverse events that the program knows, in one table.

Names, and their places in Nadal 2016: clinical reference, sections 1 and 8. Each row has the term
by which CTCAE v5.0 grades it (`ctcae.py`), the words that find it, and the words of Nadal 2016 for
it, if it is in that safety profile. Later terms have the source that asks for them (the rules of
the course of treatment, sections 3 and 8).
"""

from dataclasses import dataclass
from enum import Enum

from dosing.knowledge.nadal2016 import (
    ADVERSE_EVENTS,
    CLASSICALLY_DESCRIBED,
    PATIENTS_WITH_ADVERSE_EVENT_DATA,
    RARE_AND_SERIOUS,
    Count,
)

REVIEW_PATIENTS = PATIENTS_WITH_ADVERSE_EVENT_DATA
_COUNTED = {count.name: count for count in ADVERSE_EVENTS}


class ReviewCategory(Enum):
    """The category of an adverse event in the safety profile of Nadal 2016."""

    COUNTED = "counted"
    CLASSICAL = "classically described"
    RARE = "very rare, potentially serious"


class Seriousness(Enum):
    """The kinds of adverse events that are urgent at every grade."""

    PNEUMONITIS = "pneumonitis"
    FEBRILE_NEUTROPENIA = "febrile neutropenia"
    BLOODSTREAM = "bloodstream infection"


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One adverse event; `graded_as` is the CTCAE term, or None where its wording is not here."""

    name: str
    synonyms: tuple[str, ...] = ()
    graded_as: str | None = None
    not_described: str | None = None
    """The CTCAE term whose grades exist, but whose cut-offs are not here: any may be recorded."""
    review_words: str | None = None
    """The words of Nadal 2016 for it, or for the group that it is part of."""
    is_infection: bool = False
    seriousness: Seriousness | None = None
    source: str | None = None
    """The source that asks for it, for a term of neither Nadal 2016 nor the routine checks."""

    def __post_init__(self) -> None:
        """Raise `ValueError` for words not in Nadal 2016, and for two CTCAE terms."""
        if self.review_words and self.review_category is None:
            raise ValueError(self.review_words)
        if self.graded_as and self.not_described:
            raise ValueError(self.not_described)

    @property
    def ctcae_term(self) -> str | None:
        """The term of CTCAE v5.0, described here or not; None where it has none of its own."""
        return self.graded_as or self.not_described

    @property
    def in_review_profile(self) -> bool:
        """Return whether it is in the safety profile of Nadal 2016."""
        return self.review_words is not None

    @property
    def review_count(self) -> Count | None:
        """The count among the patients with data, if Nadal 2016 has one."""
        return _COUNTED.get(self.review_words or "")

    @property
    def review_category(self) -> ReviewCategory | None:
        """The category in Nadal 2016; None where it is not named."""
        if self.review_count:
            return ReviewCategory.COUNTED
        if self.review_words in CLASSICALLY_DESCRIBED:
            return ReviewCategory.CLASSICAL
        return ReviewCategory.RARE if self.review_words == RARE_AND_SERIOUS else None


def _term(
    name: str, *synonyms: str, graded_as: str | None = None, review: str | None = None
) -> Term:
    return Term(name=name, synonyms=synonyms, graded_as=graded_as, review_words=review)


def _infection(
    name: str,
    *synonyms: str,
    graded_as: str = "Infection",
    seriousness: Seriousness | None = None,
) -> Term:
    return Term(
        name=name, synonyms=synonyms, graded_as=graded_as, review_words="infection",
        is_infection=True, seriousness=seriousness,
    )  # fmt: skip


TERMS = (
    # Counted by Nadal 2016.
    _term(
        "mouth sores", "mouth ulcers", "oral ulcers", "mouth ulceration", "oral ulceration",
        "aphthous ulcers", "aphthae", "aphthous stomatitis", "canker sores", "mucositis",
        "oral mucositis", "mucositis oral", "stomatitis", "sore mouth", "mouth soars", "mouth sore",
        graded_as="Mucositis oral", review="mouth sores",
    ),
    _term(
        "hypercholesterolaemia", "high cholesterol", "cholesterol high", "cholesterol",
        graded_as="Cholesterol high", review="high cholesterol",
    ),
    _infection("infection", "infections", "infected"),
    _term(
        "raised liver enzymes", "liver enzymes", "raised lfts", "abnormal lfts", "lfts",
        "abnormal liver function tests", "abnormal liver tests", "raised liver tests",
        "raised liver function tests", "raised transaminases", "transaminitis", "transaminases",
        "hypertransaminasaemia", "raised alt", "raised ast", "alt increased", "ast increased",
        "raised sgpt", "raised sgot", "hepatic cytolysis",
        graded_as="ALT, AST increased", review="raised liver enzymes",
    ),
    _term("headache", "head ache", "headaches", "cephalalgia", "hedache",
          graded_as="Headache", review="headache"),
    _term(
        "hypertension", "high blood pressure", "raised bp", "high bp",
        "arterial hypertension", "hypertensive",
        graded_as="Hypertension", review="high blood pressure",
    ),
    # Infections by their kind; Nadal 2016 counts them as one.
    _infection(
        "respiratory infection", "respiratory tract infection", "upper respiratory infection",
        "upper respiratory tract infection", "lower respiratory tract infection",
        "lower respiratory infection", "chest infection", "lung infection", "urti", "lrti",
        "pneumonia", "bronchitis", "bronchiolitis", "common cold", "rsv", "rsv infection",
        "influenza", "flu", "sinusitis", "otitis media",
    ),
    _infection(
        "skin infection", "cellulitis", "impetigo", "skin abscess", "folliculitis",
        "wound infection", "paronychia",
    ),
    _infection(
        "other infection", "urinary tract infection", "uti", "viral infection",
        "bacterial infection", "fungal infection", "herpes simplex", "cold sores",
        "chickenpox", "varicella", "thrush", "candidiasis", "gastroenteritis",
        "lymphangitis",
    ),
    Term(
        name="shingles", synonyms=("herpes zoster", "zoster"), not_described="Shingles",
        review_words="infection", is_infection=True,
    ),
    _infection(
        "febrile neutropenia", "neutropenic fever", "fever with neutropenia",
        "neutropenia with fever", "fever and neutropenia",
        graded_as="Febrile neutropenia", seriousness=Seriousness.FEBRILE_NEUTROPENIA,
    ),
    _infection(
        "bacteraemia", "bacteria in blood", "positive blood culture", "bloodstream infection",
        "blood stream infection", "clabsi",
        graded_as="Bacteraemia", seriousness=Seriousness.BLOODSTREAM,
    ),
    _infection(
        "sepsis", "septicaemia", "blood poisoning", "septic shock", "septic",
        graded_as="Sepsis", seriousness=Seriousness.BLOODSTREAM,
    ),
    # Very rare, potentially serious.
    Term(
        name="pneumonitis",
        synonyms=("interstitial pneumonitis", "interstitial lung disease", "interstitial disease",
                  "ild", "lung inflammation", "inflammation of lungs", "pneumonits", "neumonitis"),
        graded_as="Pneumonitis", review_words=RARE_AND_SERIOUS, seriousness=Seriousness.PNEUMONITIS,
    ),
    # Classically described.
    _term("fatigue", "asthenia", "tiredness", "tired", "exhaustion", "lethargy",
          graded_as="Fatigue", review="asthenia"),
    _term("nausea", "feeling sick", "nauseous", "nauseated", "nausia",
          graded_as="Nausea", review="gastrointestinal effects"),
    _term("vomiting", "vomit", "being sick", "throwing up", "emesis", "vomitting",
          graded_as="Vomiting", review="gastrointestinal effects"),
    _term("diarrhoea", "loose stools", "loose motions", "diarhea", "diarrhea", "diarhoea",
          "diarrea", graded_as="Diarrhoea", review="gastrointestinal effects"),
    _term("abdominal pain", "stomach ache", "stomachache", "stomach pain", "tummy ache",
          "tummy pain", "belly ache", "belly pain", "abdominal cramps", "stomach cramps",
          graded_as="Abdominal pain", review="gastrointestinal effects"),
    _term("oedema", "peripheral oedema", "oedema limbs", "limb oedema", "leg oedema",
          "swollen legs", "swollen ankles", "swollen feet", "leg swelling", "ankle swelling",
          "limb swelling", "swelling of legs", graded_as="Oedema limbs",
          review="peripheral oedema"),
    _term("wound complication", "defective healing", "poor healing", "poor wound healing",
          "delayed healing", "delayed wound healing", "slow healing", "slow wound healing",
          "impaired healing", "impaired wound healing", "wound dehiscence", "wound breakdown",
          graded_as="Wound complication", review="defective healing"),
    _term("proteinuria", "protein in urine", "urine protein", "albuminuria",
          graded_as="Proteinuria", review="proteinuria"),
    _term("renal dysfunction", "kidney dysfunction", "renal impairment", "kidney impairment",
          "renal failure", "kidney failure", "kidney problems", "renal insufficiency",
          review="renal dysfunction"),
    _term("raised creatinine", "creatinine increased", graded_as="Creatinine increased",
          review="renal dysfunction"),
    _term("raised GGT", "ggt increased", "raised gamma gt",
          "raised gamma glutamyl transferase", graded_as="GGT increased",
          review="raised liver enzymes"),
    _term("thrombocytopenia", "low platelets", "platelets low", "low platelet count",
          "platelet count decreased", "platelets decreased", graded_as="Platelets decreased",
          review="thrombocytopenia"),
    _term("leucopenia", "leukopenia", "low white cells", "low white cell count", "low wbc",
          "low white blood cells", "low white blood cell count", "low white count",
          "low leucocytes", "low leukocytes", "white cells decreased",
          graded_as="White cells decreased", review="leucopenia"),
    _term("anaemia", "low haemoglobin", "low hb", "low hgb", "low red cells",
          graded_as="Anaemia", review="anaemia"),
    _term("microcytosis", "low mcv", "small red cells", review="microcytosis"),
    _term("hypertriglyceridaemia", "high triglycerides", "triglycerides", "high tg",
          graded_as="Hypertriglyceridaemia", review="hyperlipidaemia"),
    _term("hyperlipidaemia", "high lipids", "dyslipidaemia", "high blood fats",
          "hyperlipaemia", review="hyperlipidaemia"),
    _term("hyperglycaemia", "high glucose", "high blood sugar", "high sugar",
          "high blood glucose", review="hyperglycaemia"),
    _term("hypokalaemia", "low potassium", "low k", graded_as="Hypokalaemia",
          review="hypokalaemia"),
    _term("hyperkalaemia", "high potassium", "high k", "raised potassium",
          graded_as="Hyperkalaemia"),
    _term("hypoalbuminaemia", "low albumin", graded_as="Hypoalbuminaemia"),
    _term("low fibrinogen", "hypofibrinogenaemia", "fibrinogen decreased",
          graded_as="Fibrinogen decreased"),
    _term("hypoglycaemia", "low glucose", "low blood sugar", "low sugar", "low blood glucose",
          graded_as="Hypoglycaemia"),
    _term("hypophosphataemia", "low phosphate", "low phosphorus", "hypophosphaemia",
          review="hypophosphataemia"),
    # Monitored, and not named by Nadal 2016.
    _term("neutropenia", "low neutrophils", "low neutrophil count", "low anc",
          "neutrophils decreased", "neutrophil count decreased",
          graded_as="Neutrophils decreased"),
    _term("lymphopenia", "lymphocytopenia", "low lymphocytes", "low lymphocyte count",
          "lymphocytes decreased", "lymphocyte count decreased",
          graded_as="Lymphocytes decreased"),
    _term("raised bilirubin", "hyperbilirubinaemia", "bilirubin increased",
          "blood bilirubin increased", graded_as="Bilirubin increased"),
    _term("acneiform rash", "rash acneiform", "acne", "acneiform eruption",
          graded_as="Rash acneiform"),
    _term("rash", "skin rash", "rashes", "eruption", "exanthema"),
    # Fertility.
    Term(
        name="menstrual irregularity",
        synonyms=("irregular menstruation", "irregular periods", "irregular period",
                  "menstrual disturbance", "menstrual disorder", "menstrual cycle disturbance",
                  "oligomenorrhoea", "infrequent periods", "missed periods"),
        not_described="Irregular menstruation", source="suisse-adpkd",
    ),
    Term(
        name="amenorrhoea", synonyms=("absent periods", "absence of periods", "periods stopped",
                                      "absent menstruation"),
        not_described="Amenorrhea", source="vascern2023",
    ),
    Term(name="ovarian cyst", synonyms=("cyst of ovary", "ovary cyst"), source="suisse-adpkd"),
    Term(
        name="oligospermia",
        synonyms=("oligozoospermia", "low sperm count", "low sperm", "few sperm"),
        not_described="Oligospermia", source="vascern2023",
    ),
    # The question of pneumonitis.
    Term(name="cough", synonyms=("coughing", "dry cough", "persistent cough", "new cough"),
         not_described="Cough", source="rapalimus-label"),
    Term(
        name="dyspnoea",
        synonyms=("shortness of breath", "short of breath", "breathlessness", "breathless",
                  "trouble breathing", "difficulty breathing", "difficulty in breathing",
                  "breathing difficulty", "laboured breathing", "dyspnea"),
        not_described="Dyspnea", source="rapalimus-label",
    ),
)  # fmt: skip
"""Every adverse event of the table."""
