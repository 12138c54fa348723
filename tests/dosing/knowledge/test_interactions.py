"""Drugs given beside sirolimus: clinical reference, section 7, typed by hand."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dosing.alerts import Alert, AlertKind
from dosing.knowledge.interactions import (
    DRUGS,
    Drug,
    InteractionClass,
    LevelEffect,
    find_drugs,
    interaction_alerts,
    nearest_names,
    nearly_to_avoid,
)
from dosing.knowledge.references import SOURCES
from tests.dosing.quantities.test_text import HIDDEN_SIGNS

LABEL = "us-label-medical-information"

AVOID_RAISES = (
    "ketoconazole",
    "voriconazole",
    "posaconazole",
    "itraconazole",
    "clarithromycin",
    "erythromycin",
    "telithromycin",
    "boceprevir",
    "telaprevir",
    "grapefruit juice",
)
BOOSTERS = ("ritonavir", "nirmatrelvir/ritonavir", "nirmatrelvir", "Paxlovid")  # fmt: skip
AVOID_LOWERS = ("rifampicin", "rifabutin")
CAUTION_RAISES = (
    "diltiazem", "verapamil", "nicardipine", "fluconazole", "clotrimazole", "ciclosporin",
    "cimetidine", "danazol", "letermovir", "protease inhibitors", "bromocriptine",
    "metoclopramide", "troleandomycin",
)  # fmt: skip
CAUTION_LOWERS = ("carbamazepine", "phenobarbital", "phenytoin", "rifapentine", "St John's wort")
UNCONFIRMED = (
    "isavuconazole", "amiodarone", "aprepitant", "cannabidiol", "efavirenz", "bosentan",
    "dexamethasone", "ACE inhibitors", "azithromycin", "amlodipine",
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
        ("fluconazol", "fluconazole"),
        ("carbamazepin", "carbamazepine"),
        ("diltiazam", "diltiazem"),
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
        ("clarithromicin", "clarithromycin"),
        ("clarythromycin", "clarithromycin"),
        ("Klaritromicina", "clarithromycin"),
        ("eritromicina", "erythromycin"),
        ("ritonovir", "ritonavir"),
        ("voriconazol", "voriconazole"),
        ("ketokonazole", "ketoconazole"),
        ("rifampicine", "rifampicin"),
        ("rifabutine 150 mg", "rifabutin"),
        ("paxlovit", "nirmatrelvir/ritonavir"),
        ("cobicstat", "cobicistat"),
        ("everolimis", "everolimus"),
    ],
)
def test_a_misspelled_drug_to_avoid_needs_the_override_of_that_drug(typed: str, meant: str) -> None:
    alert = alert_for(typed)
    assert (alert.code, alert.kind, alert.value) == ("drug-unknown", AlertKind.OVERRIDE, typed)
    assert f'"{typed}" is not in the interaction table' in alert.message
    assert f"Did you mean {meant}?" in alert.message
    assert alert.asks_early_level
    assert alert.source == alert_for(meant).source


def test_a_misspelled_drug_to_avoid_is_found_beside_a_known_one() -> None:
    known, near = interaction_alerts(("clarithromicin + fluconazole",))
    assert (known.value, known.kind) == ("fluconazole", AlertKind.CAUTION)
    assert near.kind is AlertKind.OVERRIDE
    assert "Did you mean clarithromycin?" in near.message


def one_slip_from(name: str) -> Iterator[str]:
    for at, letter in enumerate(name):
        before, after = name[:at], name[at + 1 :]
        yield before + after
        yield before + 2 * letter + after
        yield before + after[:1] + letter + after[1:]
        yield from (before + other + after for other in "aix")


NAMES_TO_AVOID = [
    pytest.param(drug, name, id=name)
    for drug in DRUGS
    if drug.advice is InteractionClass.AVOID
    for name in (drug.name, *drug.synonyms)
]


@pytest.mark.parametrize(("drug", "name"), NAMES_TO_AVOID)
def test_one_slip_in_a_name_to_avoid_never_falls_to_a_weaker_alert(drug: Drug, name: str) -> None:
    weaker = [
        typed
        for typed in one_slip_from(name)
        if drug not in (*find_drugs(typed), *nearly_to_avoid(typed))
        or max(alert.kind for alert in interaction_alerts((typed,))) is not AlertKind.OVERRIDE
    ]
    assert weaker == []


ORDINARY_DRUGS = """
    paracetamol, ibuprofen, amoxicillin, co-amoxiclav, cefalexin, cefuroxime, ceftriaxone,
    gentamicin, vancomycin, clindamycin, metronidazole, flucloxacillin, penicillin V, ciprofloxacin,
    doxycycline, roxithromycin, spiramycin, isoniazid, pyrazinamide, rifaximin, aciclovir,
    valaciclovir, oseltamivir, remdesivir, lamivudine, raltegravir, dolutegravir, nystatin,
    miconazole, econazole, terbinafine, griseofulvin, amphotericin, micafungin, salbutamol,
    budesonide, fluticasone nasal spray, montelukast, cetirizine, loratadine, hydroxyzine,
    omeprazole, esomeprazole, domperidone, ondansetron, lactulose, macrogol, levetiracetam,
    valproate, lamotrigine, topiramate, clobazam, diazepam, midazolam, melatonin, methylphenidate,
    fluoxetine, levothyroxine, insulin, metformin, furosemide, spironolactone, atenolol, digoxin,
    nifedipine, losartan, aspirin, warfarin, enoxaparin, rivaroxaban, folic acid, vitamin D,
    ferrous sulfate, methotrexate, azathioprine, mycophenolate, trametinib, bevacizumab, codeine,
    morphine, naproxen, ketoprofen, ketotifen, apple juice, orange juice, grape juice
"""


@pytest.mark.parametrize("name", [name.strip() for name in ORDINARY_DRUGS.split(",")])
def test_an_unknown_drug_of_another_name_stays_a_caution(name: str) -> None:
    assert nearly_to_avoid(name) == ()
    assert {alert.kind for alert in interaction_alerts((name,))} == {AlertKind.CAUTION}


@pytest.mark.parametrize(
    ("typed", "slips"),
    [("biaxin", 0), ("biaxn", 1), ("bixn", None), ("vorconazle", 2), ("vorconzle", None)],
)
def test_a_short_name_allows_one_slip_and_a_long_one_two(typed: str, slips: int | None) -> None:
    near = find_drugs(typed) if slips == 0 else nearly_to_avoid(typed)
    assert (near == ()) is (slips is None)


@pytest.mark.parametrize("name", BOOSTERS)
def test_boosters_stand_with_the_strong_inhibitors(name: str) -> None:
    """Course of treatment, section 13: Paxlovid prescribing information."""
    alert = alert_for(name)
    assert (alert.kind, alert.source) == (AlertKind.OVERRIDE, "paxlovid-label")
    assert "Avoid the combination." in alert.message
    assert "record a plan and take an early level within days" in alert.message


def test_cobicistat_is_avoided_by_its_class_and_to_be_confirmed() -> None:
    alert = alert_for("cobicistat")
    assert (alert.kind, alert.source) == (AlertKind.OVERRIDE, "unconfirmed")
    assert "class, to be confirmed" in alert.message


def test_everolimus_is_known_as_an_mtor_inhibitor_and_not_given_with_sirolimus() -> None:
    alert = alert_for("Certican")
    assert (alert.code, alert.kind) == ("therapeutic-duplication", AlertKind.OVERRIDE)
    assert "is an mTOR inhibitor like sirolimus. Do not give both." in alert.message
    assert "No dose is calculated for everolimus." in alert.message
    (drug,) = find_drugs("everolimus")
    assert drug.is_mtor_inhibitor
    assert not drug.may_change_level
    assert not drug.changes_exposure_much


@pytest.mark.parametrize(
    ("name", "kind", "source", "words"),
    [
        ("tacrolimus", AlertKind.CAUTION, "us-label", "lost grafts after liver transplantation"),
        ("alpelisib", AlertKind.CAUTION, "piqray-label", "may change the sirolimus level"),
        ("azithromycin", AlertKind.CAUTION, "unconfirmed", "may raise the sirolimus level"),
        ("amlodipine", AlertKind.CAUTION, "unconfirmed", "may raise the sirolimus level"),
        ("influenza vaccine", AlertKind.NOTE, "cdc-influenza2015", "may be given if inactivated"),
        ("flu shot", AlertKind.NOTE, "cdc-influenza2015", "the live nasal one must not"),
        ("nasal influenza vaccine", AlertKind.CAUTION, LABEL, "must not be given"),
        ("FluMist", AlertKind.CAUTION, LABEL, "must not be given"),
    ],
)
def test_common_drugs_and_vaccines_are_answered(
    name: str, kind: AlertKind, source: str, words: str
) -> None:
    alert = alert_for(name)
    assert (alert.kind, alert.source) == (kind, source)
    assert alert.code != "drug-unknown"
    assert words in alert.message


def test_an_influenza_vaccine_called_live_is_a_live_vaccine_in_any_order() -> None:
    assert "live vaccine" in [drug.name for drug in find_drugs("influenza vaccine (live, nasal)")]


@pytest.mark.parametrize(
    ("name", "raises", "lowers", "much", "strong_inducer"),
    [
        ("voriconazole", True, False, True, False),
        ("clarithromycin", True, False, True, False),  # to avoid, without a figure
        ("ritonavir", True, False, True, False),
        ("cobicistat", True, False, True, False),
        ("rifampicin", False, True, True, True),
        ("rifabutin", False, True, True, True),
        ("diltiazem", True, False, True, False),  # × 1.6
        ("verapamil", True, False, True, False),  # × 2.2
        ("fluconazole", True, False, False, False),  # for caution, without a figure
        ("carbamazepine", False, True, False, False),
        ("oxcarbazepine", False, True, False, False),  # 1 / 1.16
        ("azithromycin", True, False, False, False),
        ("alpelisib", False, False, False, False),
        ("tacrolimus", False, False, False, False),
        ("live vaccine", False, False, False, False),
        ("propranolol", False, False, False, False),
    ],
)
def test_the_direction_and_the_size_of_the_change_of_exposure(
    name: str, *, raises: bool, lowers: bool, much: bool, strong_inducer: bool
) -> None:
    (drug,) = find_drugs(name)
    assert (drug.raises_level, drug.lowers_level) == (raises, lowers)
    assert drug.changes_exposure_much is much
    assert drug.is_strong_inducer is strong_inducer


@pytest.mark.parametrize(
    ("factor", "much"),
    [
        ("0.66", True),
        ("0.67", True),
        ("0.68", False),
        ("1.49", False),
        ("1.5", True),
        ("1.51", True),
    ],
)
def test_a_change_is_much_from_one_and_a_half_or_to_two_thirds(factor: str, *, much: bool) -> None:
    exposure = Decimal(factor)
    level = LevelEffect.RAISES if exposure > 1 else LevelEffect.LOWERS
    drug = Drug("drug", (), "", InteractionClass.CAREFUL, LABEL, level, exposure)
    assert drug.changes_exposure_much is much


@pytest.mark.parametrize("level", [LevelEffect.LOWERS, LevelEffect.UNCLEAR, LevelEffect.NONE])
def test_a_figure_against_its_direction_is_refused(level: LevelEffect) -> None:
    with pytest.raises(ValueError, match="exposure × 2"):
        Drug("drug", (), "", InteractionClass.CAREFUL, LABEL, level, Decimal(2))


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
        ("clarithromycin250mg", ["clarithromycin"]),
        ("lopinavir/ritonavir", ["protease inhibitor", "ritonavir"]),
        ("ritonavir-boosted darunavir", ["ritonavir", "protease inhibitor"]),
        ("darunavir/cobicistat", ["protease inhibitor", "cobicistat"]),
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
