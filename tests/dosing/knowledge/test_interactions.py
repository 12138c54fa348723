"""Drugs given beside sirolimus: clinical reference, section 7, typed by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dosing.alerts import Alert, AlertKind
from dosing.knowledge.interactions import DRUGS, find_drugs, interaction_alerts, nearest_names
from dosing.knowledge.references import SOURCES
from tests.dosing.quantities.test_text import HIDDEN_SIGNS

LABEL = "us-label-medical-information"

AVOID_RAISES = (
    "ketoconazole", "voriconazole", "posaconazole", "itraconazole", "clarithromycin",
    "erythromycin", "telithromycin", "boceprevir", "telaprevir", "grapefruit juice",
)  # fmt: skip
AVOID_LOWERS = ("rifampicin", "rifabutin")
CAUTION_RAISES = (
    "diltiazem", "verapamil", "nicardipine", "fluconazole", "clotrimazole", "ciclosporin",
    "cimetidine", "danazol", "letermovir", "ritonavir", "protease inhibitors", "bromocriptine",
    "metoclopramide", "troleandomycin",
)  # fmt: skip
CAUTION_LOWERS = ("carbamazepine", "phenobarbital", "phenytoin", "rifapentine", "St John's wort")
UNCONFIRMED = (
    "isavuconazole", "cobicistat", "nirmatrelvir/ritonavir", "amiodarone", "aprepitant",
    "cannabidiol", "efavirenz", "bosentan", "dexamethasone", "ACE inhibitors",
)  # fmt: skip
BESIDE_IN_THE_REVIEW = (
    "steroids", "vincristine", "propranolol", "co-trimoxazole", "pentamidine",
)  # fmt: skip

HOSTILE_NAMES = (
    "", " ", "[/]", "[red]voriconazole[/red]", "<img src=x>", "=1+1", "{0} %s", "../../etc/passwd",
    "'; DROP TABLE drugs;--", "\x1b[31mvoriconazole\x1b[0m", "\0", "\n", "vori\nconazole",
    "\N{RIGHT-TO-LEFT OVERRIDE}elozanocirov", "\ud800", "voriconazole\N{LINE SEPARATOR}",
    "\N{CYRILLIC SMALL LETTER EM}mr", "\u05d3\u05d5\u05d3", "x" * 10_000,
    "voriconazole" + "." * 10_000,
)  # fmt: skip


def alert_for(name: str) -> Alert:
    (alert,) = interaction_alerts((name,))
    return alert


@pytest.mark.parametrize("name", AVOID_RAISES + AVOID_LOWERS)
def test_a_drug_to_avoid_needs_an_override(name: str) -> None:
    alert = alert_for(name)
    assert (alert.code, alert.kind, alert.source) == ("interaction", AlertKind.OVERRIDE, LABEL)
    assert "Avoid the combination." in alert.message
    assert "early level" in alert.message
    assert alert.asks_early_level
    assert "The dose is not adjusted" in alert.message


@pytest.mark.parametrize("name", CAUTION_RAISES + CAUTION_LOWERS)
def test_a_drug_to_be_careful_with_is_a_caution(name: str) -> None:
    alert = alert_for(name)
    assert (alert.code, alert.kind, alert.source) == ("interaction", AlertKind.CAUTION, LABEL)
    assert "The dose is not adjusted" in alert.message


@pytest.mark.parametrize(
    ("names", "effect"),
    [
        (AVOID_RAISES + CAUTION_RAISES, "raises the sirolimus level"),
        (AVOID_LOWERS + CAUTION_LOWERS, "lowers the sirolimus level"),
    ],
)
def test_an_inhibitor_raises_and_an_inducer_lowers_the_level(
    names: tuple[str, ...], effect: str
) -> None:
    assert [name for name in names if effect not in alert_for(name).message] == []


@pytest.mark.parametrize(
    ("name", "figure"),
    [
        ("ketoconazole", "exposure × 10.9."),
        ("voriconazole", "exposure × 11."),
        ("posaconazole", "exposure × 9."),
        ("erythromycin", "exposure × 4."),
        ("boceprevir", "exposure × 17."),
        ("rifampicin", "exposure − 82 %."),
        ("diltiazem", "exposure × 1.6."),
        ("verapamil", "exposure × 2.2."),
        ("ciclosporin", "give sirolimus 4 hours after it."),
    ],
)
def test_a_published_figure_stands_in_the_message(name: str, figure: str) -> None:
    assert figure in alert_for(name).message


def test_oxcarbazepine_raises_the_clearance_in_children() -> None:
    alert = alert_for("oxcarbazepine")
    assert (alert.kind, alert.source) == (AlertKind.CAUTION, "chen2021")
    assert "clearance of sirolimus in children × 1.16" in alert.message


def test_live_vaccines_are_avoided() -> None:
    alert = alert_for("live vaccines")
    assert (alert.kind, alert.source) == (AlertKind.CAUTION, LABEL)
    assert "must not be given during treatment" in alert.message
    assert "adjusted" not in alert.message


@pytest.mark.parametrize("name", UNCONFIRMED)
def test_what_no_source_confirms_is_a_caution_to_confirm(name: str) -> None:
    alert = alert_for(name)
    assert (alert.code, alert.kind, alert.source) == (
        "interaction",
        AlertKind.CAUTION,
        "unconfirmed",
    )
    assert "confirm" in alert.message


def test_what_a_source_confirms_is_not_to_be_confirmed() -> None:
    names = AVOID_RAISES + AVOID_LOWERS + CAUTION_RAISES + CAUTION_LOWERS + BESIDE_IN_THE_REVIEW
    assert [name for name in names if "confirm" in alert_for(name).message] == []


def test_ace_inhibitors_may_cause_angioedema() -> None:
    assert "angioedema" in alert_for("enalapril").message


@pytest.mark.parametrize("name", BESIDE_IN_THE_REVIEW)
def test_what_the_review_gave_beside_sirolimus_is_a_note(name: str) -> None:
    alert = alert_for(name)
    assert (alert.code, alert.kind) == ("no-interaction-listed", AlertKind.NOTE)
    assert alert.source == "nadal2016"


@pytest.mark.parametrize(
    ("name", "steroid", "prophylaxis"),
    [
        ("prednisolone", True, False),
        ("methylprednisolone", True, False),
        ("dexamethasone", True, False),
        ("co-trimoxazole", False, True),
        ("pentamidine", False, True),
        ("vincristine", False, False),
        ("voriconazole", False, False),
    ],
)
def test_steroids_and_pneumocystis_prophylaxis_are_known(
    name: str, *, steroid: bool, prophylaxis: bool
) -> None:
    (drug,) = find_drugs(name)
    assert drug is not None
    assert (drug.is_steroid, drug.is_pneumocystis_prophylaxis) == (steroid, prophylaxis)


@pytest.mark.parametrize(
    ("typed", "drug"),
    [
        ("VORICONAZOLE", "voriconazole"),
        ("  Voriconazole ", "voriconazole"),
        ("vori-conazole", "voriconazole"),
        ("Vfend", "voriconazole"),
        ("rifampin", "rifampicin"),
        ("Rifampicin", "rifampicin"),
        ("cyclosporine", "ciclosporin"),
        ("Ciclosporin", "ciclosporin"),
        ("Cyclosporin A", "ciclosporin"),
        ("phenobarbitone", "phenobarbital"),
        ("TMP-SMX", "co-trimoxazole"),
        ("TMP/SMX", "co-trimoxazole"),
        ("tmp smx", "co-trimoxazole"),
        ("trimethoprim-sulfamethoxazole", "co-trimoxazole"),
        ("Trimethoprim / Sulfamethoxazole", "co-trimoxazole"),
        ("co-trimoxazole", "co-trimoxazole"),
        ("Co trimoxazole", "co-trimoxazole"),
        ("Cotrimoxazole", "co-trimoxazole"),
        ("St John's wort", "st john's wort"),
        ("St John\N{RIGHT SINGLE QUOTATION MARK}s wort", "st john's wort"),
        ("St. Johns Wort", "st john's wort"),
        ("st-john's-wort", "st john's wort"),
        ("SAINT JOHN'S WORT", "st john's wort"),
        ("grape-fruit", "grapefruit juice"),
        ("lopinavir/ritonavir", "protease inhibitor"),
        ("Paxlovid", "nirmatrelvir/ritonavir"),
        ("ACE-inhibitor", "ace inhibitor"),
    ],
)
def test_a_drug_is_found_whatever_its_case_hyphens_spaces_and_synonym(
    typed: str, drug: str
) -> None:
    assert [found.name for found in find_drugs(typed)] == [drug]
    assert drug in alert_for(typed).message.lower()


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("voriconazol", "voriconazole"),
        ("clarythromycin", "clarithromycin"),
        ("ketokonazole", "ketoconazole"),
        ("rifampicine", "rifampicin"),
    ],
)
def test_a_misspelled_drug_is_unknown_and_the_nearest_is_named(typed: str, meant: str) -> None:
    alert = alert_for(typed)
    assert (alert.code, alert.kind) == ("drug-unknown", AlertKind.CAUTION)
    assert f'"{typed}" is not in the interaction table' in alert.message
    assert f"Did you mean {meant}" in alert.message
    assert nearest_names(typed)[0] == meant


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("clarithromycin 250 mg", ["clarithromycin"]),
        ("erythromycin ethylsuccinate", ["erythromycin"]),
        ("Diltiazem hydrochloride", ["diltiazem"]),
        ("hypericum perforatum", ["st john's wort"]),
        ("St John's wort tablets", ["st john's wort"]),
        ("co-trimoxazole 480 mg", ["co-trimoxazole"]),
        ("rifampicin/isoniazid", ["rifampicin"]),
        ("clarithromycin+amoxicillin", ["clarithromycin"]),
        ("ketoconazole and carbamazepine", ["ketoconazole", "carbamazepine"]),
        ("fluconazole, ketoconazole;verapamil", ["fluconazole", "ketoconazole", "verapamil"]),
    ],
)
def test_every_drug_in_a_name_of_several_words_is_found(typed: str, meant: list[str]) -> None:
    assert [drug.name for drug in find_drugs(typed)] == meant
    assert [alert.value for alert in interaction_alerts((typed,))] == meant


def test_two_members_of_one_class_are_both_named() -> None:
    (alert,) = interaction_alerts(("darunavir", "Atazanavir"))
    assert alert.message.startswith("Darunavir, Atazanavir (protease inhibitor) raises")


def test_an_unknown_drug_is_not_called_safe() -> None:
    alert = alert_for("levetiracetam")
    assert (alert.code, alert.kind) == ("drug-unknown", AlertKind.CAUTION)
    assert '"levetiracetam" is not in the interaction table' in alert.message
    assert "safety is unknown" in alert.message
    assert "Did you mean" not in alert.message


@pytest.mark.parametrize(
    ("names", "values"),
    [
        ((), []),
        (("rifampicin", "Rifampin", "RIFAMPICIN"), ["rifampicin"]),
        (("levetiracetam", "Levetiracetam"), ["levetiracetam"]),
        (("TMP-SMX", "steroids", "co-trimoxazole"), ["co-trimoxazole", "steroid"]),
        (("vincristine", "voriconazole"), ["vincristine", "voriconazole"]),
        # nothing is dropped for want of letters that are compared
        (("???", "!!!"), ["???", "!!!"]),
        (("\u0915\u093f", "\u0915\u093e"), ["\u0915\u093f", "\u0915\u093e"]),
    ],
)
def test_each_different_drug_has_one_alert_in_the_order_typed(
    names: tuple[str, ...], values: list[str]
) -> None:
    assert [alert.value for alert in interaction_alerts(names)] == values


def assert_fit_to_show(alert: Alert) -> None:
    assert not HIDDEN_SIGNS.search(alert.message)
    assert not HIDDEN_SIGNS.search(alert.value or "")
    assert len(alert.message) < 400


@pytest.mark.parametrize("name", HOSTILE_NAMES, ids=lambda name: ascii(name)[:40])
def test_a_hostile_name_gives_one_short_line_without_hidden_signs(name: str) -> None:
    assert_fit_to_show(alert_for(name))


@given(st.text(st.characters(), max_size=60))
def test_any_name_gives_one_alert_that_can_be_shown(name: str) -> None:
    assert_fit_to_show(alert_for(name))


def test_no_name_or_synonym_belongs_to_two_drugs() -> None:
    for drug in DRUGS:
        for name in (drug.name, *drug.synonyms):
            assert find_drugs(name) == (drug,)


def test_every_drug_has_a_source_with_a_citation_and_a_sentence() -> None:
    for drug in DRUGS:
        assert SOURCES[drug.source]
        assert alert_for(drug.name).message.endswith(".")
