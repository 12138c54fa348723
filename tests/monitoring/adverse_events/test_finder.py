"""Adverse events by everyday words, and their counts in Nadal 2016."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dosing.knowledge.adverse_event_terms import (
    REVIEW_PATIENTS,
    TERMS,
    ReviewCategory,
    Seriousness,
    Term,
)
from dosing.knowledge.nadal2016 import ADVERSE_EVENTS, CLASSICALLY_DESCRIBED, RARE_AND_SERIOUS
from dosing.knowledge.references import SOURCES
from monitoring.adverse_events.finder import find_terms, known_term

WORDS = [
    ("mouth sores", "mouth sores"), ("mouth ulcers", "mouth sores"),
    ("Ulcers in the mouth", "mouth sores"), ("oral mucositis", "mouth sores"),
    ("MUCOSITIS", "mouth sores"), ("mouth soars", "mouth sores"), ("stomatitis", "mouth sores"),
    ("high cholesterol", "hypercholesterolaemia"), ("cholesterol high", "hypercholesterolaemia"),
    ("raised cholesterol", "hypercholesterolaemia"),
    ("elevated cholesterol", "hypercholesterolaemia"),
    ("hypercholesterolemia", "hypercholesterolaemia"),
    ("Hypercholesterolaemia", "hypercholesterolaemia"),
    ("infection", "infection"), ("chest infection", "respiratory infection"),
    ("pneumonia", "respiratory infection"), ("RSV", "respiratory infection"),
    ("cellulitis", "skin infection"), ("urinary tract infection", "other infection"),
    ("raised LFTs", "raised liver enzymes"), ("elevated liver enzymes", "raised liver enzymes"),
    ("high ALT", "raised liver enzymes"), ("transaminitis", "raised liver enzymes"),
    ("headache", "headache"), ("head aches", "headache"), ("severe headache", "headache"),
    ("high blood pressure", "hypertension"), ("raised BP", "hypertension"),
    ("febrile neutropenia", "febrile neutropenia"),
    ("fever with neutropenia", "febrile neutropenia"),
    ("febrile neutropaenia", "febrile neutropenia"),
    ("bacteraemia", "bacteraemia"), ("bacteremia", "bacteraemia"),
    ("positive blood culture", "bacteraemia"), ("sepsis", "sepsis"), ("septicemia", "sepsis"),
    ("pneumonitis", "pneumonitis"), ("interstitial lung disease", "pneumonitis"),
    ("ILD", "pneumonitis"), ("interstitial pneumonitis", "pneumonitis"),
    ("proteinuria", "proteinuria"), ("protein in the urine", "proteinuria"),
    ("low platelets", "thrombocytopenia"), ("thrombocytopaenia", "thrombocytopenia"),
    ("decreased platelets", "thrombocytopenia"),
    ("leukopenia", "leucopenia"), ("low white cells", "leucopenia"), ("low WBC", "leucopenia"),
    ("neutropenia", "neutropenia"), ("low neutrophils", "neutropenia"),
    ("lymphopenia", "lymphopenia"), ("low lymphocytes", "lymphopenia"),
    ("anemia", "anaemia"), ("Anaemia", "anaemia"), ("low haemoglobin", "anaemia"),
    ("low hemoglobin", "anaemia"), ("microcytosis", "microcytosis"),
    ("high triglycerides", "hypertriglyceridaemia"),
    ("hypertriglyceridemia", "hypertriglyceridaemia"),
    ("high blood sugar", "hyperglycaemia"), ("hyperglycemia", "hyperglycaemia"),
    ("low potassium", "hypokalaemia"), ("hypokalemia", "hypokalaemia"),
    ("low phosphate", "hypophosphataemia"), ("hypophosphatemia", "hypophosphataemia"),
    ("edema", "oedema"), ("swollen ankles", "oedema"), ("fatigue", "fatigue"),
    ("asthenia", "fatigue"), ("tiredness", "fatigue"), ("nausea", "nausea"),
    ("vomiting", "vomiting"), ("throwing up", "vomiting"), ("diarrhoea", "diarrhoea"),
    ("diarrhea", "diarrhoea"), ("diarhea", "diarrhoea"), ("loose stools", "diarrhoea"),
    ("abdominal pain", "abdominal pain"), ("tummy ache", "abdominal pain"),
    ("defective healing", "wound complication"), ("poor wound healing", "wound complication"),
    ("wound complication", "wound complication"), ("rash", "rash"), ("skin rash", "rash"),
    ("acne", "acneiform rash"), ("raised creatinine", "raised creatinine"),
    ("raised bilirubin", "raised bilirubin"), ("elevated GGT", "raised GGT"),
    ("kidney failure", "renal dysfunction"),
    ("irregular periods", "menstrual irregularity"),
    ("Oligomenorrhea", "menstrual irregularity"),
    ("amenorrhea", "amenorrhoea"), ("absence of periods", "amenorrhoea"),
    ("ovarian cysts", "ovarian cyst"), ("low sperm count", "oligospermia"),
    ("reduced sperm count", "oligospermia"), ("oligozoospermia", "oligospermia"),
    ("dry cough", "cough"), ("coughing", "cough"), ("dyspnea", "dyspnoea"),
    ("short of breath", "dyspnoea"), ("trouble breathing", "dyspnoea"),
    ("shingles", "shingles"), ("Herpes zoster", "shingles"),
]  # fmt: skip


@pytest.mark.parametrize(("typed", "name"), WORDS, ids=str)
def test_everyday_words_find_the_term(typed: str, name: str) -> None:
    assert [term.name for term in find_terms(typed)] == [name]
    known = known_term(typed)
    assert known is not None
    assert known.name == name


@pytest.mark.parametrize(
    ("typed", "nearest"),
    [
        ("mouht sores", "mouth sores"),
        ("hypercholestrolemia", "hypercholesterolaemia"),
        ("pneumonitus", "pneumonitis"),
        ("trombocytopenia", "thrombocytopenia"),
        ("protinuria", "proteinuria"),
        ("feberile neutropenia", "febrile neutropenia"),
        ("bacteriaemia", "bacteraemia"),
    ],
)
def test_a_misspelled_term_is_asked_about_and_not_taken(typed: str, nearest: str) -> None:
    assert known_term(typed) is None
    assert find_terms(typed)[0].name == nearest


@pytest.mark.parametrize(
    "typed",
    ["hypotension", "hypernatraemia", "hypocalcaemia", "thrombocytosis",
     "leucocytosis", "no headache", "low blood pressure", "high platelets", "low cholesterol",
     "dysmenorrhoea", "menorrhagia", "polycystic ovaries", "azoospermia", "whooping cough",
     "angioedema", "lymphoedema", "seizure", "nausea and vomiting", "low ALT"],
)  # fmt: skip
def test_what_only_looks_like_a_term_is_never_taken_for_it(typed: str) -> None:
    assert known_term(typed) is None


def test_no_words_belong_to_two_terms() -> None:
    for term in TERMS:
        for words in (term.name, *term.synonyms):
            assert known_term(words) is term


@pytest.mark.parametrize(
    "text",
    ["", " ", "[/]", "[red]mouth sores[/red]x", "<img src=x>", "=1+1", "Łukasz", "\ud800", "\0",
     "\N{RIGHT-TO-LEFT OVERRIDE}seros htuom", "x" * 10_000, "mouth " * 3000, "the", "{0} %s"],
    ids=lambda text: ascii(text)[:30],
)  # fmt: skip
def test_hostile_words_are_no_term(text: str) -> None:
    assert known_term(text) is None
    assert len(find_terms(text)) <= 3


@given(st.text(st.characters(), max_size=60))
def test_any_text_gives_the_term_or_a_few_near_ones(text: str) -> None:
    found, known = find_terms(text), known_term(text)
    assert found == (known,) if known else len(found) <= 3


@given(st.sampled_from(WORDS), st.randoms())
def test_order_case_and_spaces_do_not_matter(row: tuple[str, str], draw: object) -> None:
    typed, name = row
    words = typed.upper().split()
    draw.shuffle(words)  # type: ignore[attr-defined]  # hypothesis's own Random
    known = known_term("  ".join(words))
    assert known is not None
    assert known.name == name


def by_name(name: str) -> Term:
    (term,) = (each for each in TERMS if each.name == name)
    return term


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("mouth sores", 12), ("hypercholesterolaemia", 9), ("infection", 3),
        ("raised liver enzymes", 3), ("headache", 1), ("hypertension", 1),
        # part of the infections in Nadal 2016
        ("febrile neutropenia", 3), ("bacteraemia", 3), ("respiratory infection", 3),
    ],
)  # fmt: skip
def test_the_reviews_counts_of_60(name: str, count: int) -> None:
    found = by_name(name).review_count
    assert found is not None
    assert (found.count, found.of) == (count, 60)
    assert by_name(name).review_category is ReviewCategory.COUNTED
    assert REVIEW_PATIENTS == 60


@pytest.mark.parametrize(
    "name",
    ["fatigue", "nausea", "vomiting", "diarrhoea", "abdominal pain", "oedema", "proteinuria",
     "wound complication", "renal dysfunction", "thrombocytopenia", "leucopenia", "anaemia",
     "microcytosis", "hyperlipidaemia", "hypertriglyceridaemia", "hyperglycaemia", "hypokalaemia",
     "hypophosphataemia"],
)  # fmt: skip
def test_the_classically_described_are_in_the_profile_without_a_count(name: str) -> None:
    term = by_name(name)
    assert (term.in_review_profile, term.review_count) == (True, None)
    assert term.review_category is ReviewCategory.CLASSICAL


def test_pneumonitis_is_very_rare_and_potentially_serious() -> None:
    term = by_name("pneumonitis")
    assert (term.review_category, term.review_count) == (ReviewCategory.RARE, None)
    assert term.seriousness is Seriousness.PNEUMONITIS


@pytest.mark.parametrize("name", ["rash", "acneiform rash", "neutropenia", "lymphopenia"])
def test_what_the_review_does_not_name_is_not_in_its_profile(name: str) -> None:
    assert not by_name(name).in_review_profile
    assert by_name(name).review_category is None


@pytest.mark.parametrize(
    ("name", "source", "ctcae_term"),
    [
        ("menstrual irregularity", "suisse-adpkd", "Irregular menstruation"),
        ("amenorrhoea", "vascern2023", "Amenorrhea"),
        ("ovarian cyst", "suisse-adpkd", None),  # CTCAE v5.0 has no term of its own for it
        ("oligospermia", "vascern2023", "Oligospermia"),
        ("cough", "rapalimus-label", "Cough"),
        ("dyspnoea", "rapalimus-label", "Dyspnea"),
        ("shingles", None, "Shingles"),  # an infection of Nadal 2016
    ],
)
def test_later_terms_have_a_source_and_no_cut_offs(
    name: str, source: str | None, ctcae_term: str | None
) -> None:
    """The rules of the course of treatment, sections 3 and 8."""
    term = by_name(name)
    assert (term.source, term.ctcae_term, term.graded_as) == (source, ctcae_term, None)
    assert source is None or SOURCES[source]


def test_shingles_is_an_infection_of_nadal_2016() -> None:
    assert by_name("shingles").is_infection
    assert by_name("shingles").review_count == ADVERSE_EVENTS[2]


def test_a_term_is_graded_by_one_term_of_ctcae() -> None:
    assert by_name("fatigue").ctcae_term == "Fatigue"
    with pytest.raises(ValueError, match="Cough"):
        Term(name="cough", graded_as="Fatigue", not_described="Cough")


def test_everything_that_the_review_names_has_a_term() -> None:
    used = {term.review_words for term in TERMS if term.review_words}
    counted = {count.name for count in ADVERSE_EVENTS}
    # counted already, by the same or another word
    twice = {"mucositis", "headache", "hypertension", "raised liver enzymes"}
    assert used == counted | (set(CLASSICALLY_DESCRIBED) - twice) | {RARE_AND_SERIOUS} | (
        twice & counted
    )


def test_a_term_cannot_claim_words_that_the_review_does_not_use() -> None:
    with pytest.raises(ValueError, match="baldness"):
        Term(name="alopecia", review_words="baldness")
