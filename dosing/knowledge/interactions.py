"""Interactions with concomitant drugs: drugs to avoid, drugs for caution, and drugs without either.

Figures: clinical reference, section 7. A drug to avoid needs an override; a drug for caution gives
a caution; neither ever adjusts the dose. A name matches whatever its case, spaces and hyphens; a
name that is not in the table is unknown, and so is its safety. A name spelled nearly like a drug to
avoid needs the override of that drug.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from types import MappingProxyType

from dosing.alerts import Alert, AlertKind, Alerts
from dosing.knowledge.alert_catalogue import (
    DRUG_NEARLY_TO_AVOID,
    DRUG_UNKNOWN,
    INTERACTION,
    INTERACTION_TO_AVOID,
    NO_INTERACTION_LISTED,
    THERAPEUTIC_DUPLICATION,
)
from dosing.knowledge.references import UNCONFIRMED
from dosing.quantities.text import clean, quoted, shortened

_LABEL = "us-label-medical-information"


class InteractionClass(Enum):
    """The advice of the sources on the combination."""

    AVOID = AlertKind.OVERRIDE
    CAREFUL = AlertKind.CAUTION
    NOT_LISTED = AlertKind.NOTE


class LevelEffect(Enum):
    """The effect of a drug on the sirolimus level."""

    RAISES = "raises"
    LOWERS = "lowers"
    UNCLEAR = "may change"
    NONE = "none"


MUCH_MORE = Decimal("1.5")
MUCH_LESS = Decimal("0.67")
"""The factors of exposure from which a change is much: course of treatment, section 2."""


@dataclass(frozen=True, slots=True)
class Drug:
    """One row of the table; `effect` is its effect in words, `level` the one on the level."""

    name: str
    synonyms: tuple[str, ...]
    effect: str
    advice: InteractionClass
    source: str
    level: LevelEffect = LevelEffect.NONE
    exposure: Decimal | None = None
    """The exposure to sirolimus with the drug, as a multiple of that without; None if unknown."""
    is_steroid: bool = False
    is_pneumocystis_prophylaxis: bool = False
    is_vaccine: bool = False
    is_mtor_inhibitor: bool = False

    def __post_init__(self) -> None:
        """Raise `ValueError` where the exposure and the direction of the level disagree."""
        if self.exposure is not None and self.level is not (
            LevelEffect.RAISES if self.exposure > 1 else LevelEffect.LOWERS
        ):
            raise ValueError(f"{self.name}: exposure × {self.exposure}, {self.level}")

    @property
    def may_change_level(self) -> bool:
        """Return whether the level may change when the drug is started or stopped."""
        return self.advice is not InteractionClass.NOT_LISTED and self.level is not LevelEffect.NONE

    @property
    def raises_level(self) -> bool:
        """Return whether it raises the sirolimus level (an inhibitor)."""
        return self.level is LevelEffect.RAISES

    @property
    def lowers_level(self) -> bool:
        """Return whether it lowers the sirolimus level (an inducer)."""
        return self.level is LevelEffect.LOWERS

    @property
    def is_strong_inducer(self) -> bool:
        """Return whether it lowers the level so much that it is to be avoided."""
        return self.lowers_level and self.advice is InteractionClass.AVOID

    @property
    def changes_exposure_much(self) -> bool:
        """Return whether its start, end or change counts as a change of the exposure to sirolimus.

        It does for a drug to avoid that changes the level, and for one whose figure is × 1.5 or
        more, or × 0.67 or less. A drug for caution without a figure does not: nothing is known of
        how much. Nor does a drug that leaves the level as it is.
        """
        if self.level is LevelEffect.NONE:
            return False
        if self.advice is InteractionClass.AVOID:
            return True
        return self.exposure is not None and not MUCH_LESS < self.exposure < MUCH_MORE


_RAISES = "raises the sirolimus level (inhibitor)"
_LOWERS = "lowers the sirolimus level (inducer)"
_WORDS_OF = MappingProxyType(
    {
        LevelEffect.RAISES: _RAISES,
        LevelEffect.LOWERS: _LOWERS,
        LevelEffect.UNCLEAR: "may change the sirolimus level",
    }
)
_IN_NADAL = "was given with sirolimus in Nadal 2016 and has no listed interaction"


def _words(level: LevelEffect, exposure: str | None) -> str:
    """Return the effect on the level in words, with the figure of the exposure if one is known."""
    if exposure is None:
        return _WORDS_OF[level]
    factor = Decimal(exposure)
    figure = f"× {factor}" if factor > 1 else f"− {(1 - factor) * 100:.0f} %"
    return f"{_WORDS_OF[level]}; exposure {figure}"


def _factor(exposure: str | None) -> Decimal | None:
    return None if exposure is None else Decimal(exposure)


def _avoid(
    name: str,
    *synonyms: str,
    level: LevelEffect = LevelEffect.RAISES,
    exposure: str | None = None,
    effect: str | None = None,
    source: str = _LABEL,
) -> Drug:
    words = effect or _words(level, exposure)
    return Drug(name, synonyms, words, InteractionClass.AVOID, source, level, _factor(exposure))


def _careful(
    name: str,
    *synonyms: str,
    level: LevelEffect = LevelEffect.RAISES,
    exposure: str | None = None,
    effect: str | None = None,
    source: str = _LABEL,
) -> Drug:
    words = effect or _words(level, exposure)
    return Drug(name, synonyms, words, InteractionClass.CAREFUL, source, level, _factor(exposure))


def _unconfirmed(
    name: str,
    *synonyms: str,
    level: LevelEffect = LevelEffect.UNCLEAR,
    effect: str | None = None,
) -> Drug:
    return _careful(name, *synonyms, level=level, effect=effect, source=UNCONFIRMED)


DRUGS = (
    # Drugs to avoid that raise the level, with the rise of the exposure where it is known.
    _avoid("ketoconazole", exposure="10.9"),
    _avoid("voriconazole", "vfend", exposure="11"),
    _avoid("posaconazole", "noxafil", exposure="9"),
    _avoid("itraconazole", "sporanox"),
    _avoid("clarithromycin", "biaxin", "klacid", "klaricid"),
    _avoid("erythromycin", exposure="4"),
    _avoid("telithromycin"),
    _avoid("boceprevir", exposure="17"),
    _avoid("telaprevir"),
    _avoid("grapefruit juice", "grapefruit", "grapefruits"),
    # Boosters stand with the strong inhibitors: course of treatment, section 13.
    _avoid(
        "ritonavir", "norvir", "kaletra", effect="raises the sirolimus level (strong inhibitor)",
        source="paxlovid-label",
    ),
    _avoid(
        "nirmatrelvir/ritonavir", "nirmatrelvir", "paxlovid",
        effect="raises the sirolimus level (it contains ritonavir, a strong inhibitor)",
        source="paxlovid-label",
    ),
    _avoid(
        "cobicistat", "tybost", "genvoya", "stribild", "symtuza", "prezcobix", "rezolsta", "evotaz",
        effect="raises the sirolimus level (inhibitor of ritonavir's class, to be confirmed)",
        source=UNCONFIRMED,
    ),
    # Drugs to avoid that lower the level.
    _avoid("rifampicin", "rifampin", level=LevelEffect.LOWERS, exposure="0.18"),
    _avoid("rifabutin", level=LevelEffect.LOWERS),
    # Drugs for caution that raise the level.
    _careful("diltiazem", exposure="1.6"),
    _careful("verapamil", exposure="2.2"),
    _careful("nicardipine"),
    _careful("fluconazole", "diflucan"),
    _careful("clotrimazole"),
    _careful(
        "ciclosporin", "cyclosporine", "cyclosporin", "ciclosporine", "cyclosporin a", "neoral",
        effect=f"{_RAISES}; give sirolimus 4 hours after it",
    ),
    _careful("cimetidine"),
    _careful("danazol"),
    _careful("letermovir"),
    _careful(
        "protease inhibitor", "protease inhibitors", "hiv protease inhibitor",
        "hiv protease inhibitors", "lopinavir", "darunavir", "atazanavir",
        "saquinavir", "indinavir", "nelfinavir", "fosamprenavir",
    ),
    _careful("bromocriptine"),
    _careful("metoclopramide"),
    _careful("troleandomycin"),
    # Drugs for caution that lower the level.
    _careful("carbamazepine", "tegretol", level=LevelEffect.LOWERS),
    _careful("phenobarbital", "phenobarbitone", level=LevelEffect.LOWERS),
    _careful("phenytoin", level=LevelEffect.LOWERS),
    _careful("rifapentine", level=LevelEffect.LOWERS),
    _careful("st john's wort", "saint john's wort", "hypericum", level=LevelEffect.LOWERS),
    _careful(
        "oxcarbazepine", level=LevelEffect.LOWERS, exposure="0.86",  # 1 / 1.16
        effect="raises the clearance of sirolimus in children × 1.16", source="chen2021",
    ),
    # The same class as sirolimus.
    Drug(
        "everolimus", ("certican", "zortress", "afinitor", "votubia"),
        "is an mTOR inhibitor like sirolimus", InteractionClass.AVOID, "zortress-label",
        is_mtor_inhibitor=True,
    ),
    # Vaccines.
    Drug(
        "live vaccine",
        ("live vaccines", "mmr", "mmr vaccine", "varicella vaccine", "bcg", "bcg vaccine",
         "yellow fever vaccine", "rotavirus vaccine", "live", "laiv", "flumist", "fluenz",
         "live influenza vaccine", "live attenuated influenza vaccine", "nasal influenza vaccine",
         "intranasal influenza vaccine", "nasal flu vaccine"),
        "must not be given during treatment", InteractionClass.CAREFUL, _LABEL, is_vaccine=True,
    ),
    Drug(
        "influenza vaccine",
        ("flu vaccine", "flu shot", "inactivated influenza vaccine", "inactivated flu vaccine"),
        "may be given if inactivated; the live nasal one must not",
        InteractionClass.NOT_LISTED, "cdc-influenza2015", is_vaccine=True,
    ),
    # Listed for another reason than the level, or for another drug of its kind.
    Drug(
        "tacrolimus", ("prograf", "advagraf", "envarsus", "modigraf"),
        "with sirolimus was followed by more deaths and lost grafts after liver transplantation",
        InteractionClass.CAREFUL, "us-label",
    ),
    _careful(
        "alpelisib", "piqray", "vijoice", level=LevelEffect.UNCLEAR,
        effect="may change the sirolimus level (it inhibits and induces CYP3A4 in vitro)",
        source="piqray-label",
    ),
    # Not confirmed in a source: a caution from local practice.
    _unconfirmed("isavuconazole"),
    _unconfirmed(
        "azithromycin", "zithromax", level=LevelEffect.RAISES,
        effect="may raise the sirolimus level, less than clarithromycin",
    ),
    _unconfirmed(
        "amlodipine", "norvasc", level=LevelEffect.RAISES,
        effect="may raise the sirolimus level a little",
    ),
    _unconfirmed("amiodarone"),
    _unconfirmed("aprepitant"),
    _unconfirmed("cannabidiol", "cbd"),
    _unconfirmed("efavirenz"),
    _unconfirmed("bosentan"),
    Drug(
        "dexamethasone", (), _WORDS_OF[LevelEffect.UNCLEAR], InteractionClass.CAREFUL, UNCONFIRMED,
        LevelEffect.UNCLEAR, is_steroid=True,
    ),
    Drug(
        "ace inhibitor",
        ("ace inhibitors", "enalapril", "captopril", "lisinopril", "ramipril", "perindopril"),
        "may cause angioedema together with sirolimus", InteractionClass.CAREFUL, UNCONFIRMED,
    ),
    # Given with sirolimus in Nadal 2016.
    Drug(
        "steroid",
        ("steroids", "corticosteroid", "corticosteroids", "prednisolone", "prednisone",
         "methylprednisolone", "hydrocortisone"),
        _IN_NADAL, InteractionClass.NOT_LISTED, "nadal2016", is_steroid=True,
    ),
    Drug("vincristine", (), _IN_NADAL, InteractionClass.NOT_LISTED, "nadal2016"),
    Drug("propranolol", (), _IN_NADAL, InteractionClass.NOT_LISTED, "nadal2016"),
    Drug(
        "co-trimoxazole",
        ("trimethoprim/sulfamethoxazole", "sulfamethoxazole/trimethoprim", "tmp/smx", "smx/tmp",
         "tmp-smx", "smx-tmp", "trimethoprim-sulfamethoxazole", "sulfamethoxazole-trimethoprim",
         "bactrim", "septrin", "septra"),
        _IN_NADAL, InteractionClass.NOT_LISTED, "nadal2016", is_pneumocystis_prophylaxis=True,
    ),
    Drug(
        "pentamidine", (),
        "is a prophylaxis against Pneumocystis and has no listed interaction",
        InteractionClass.NOT_LISTED, "nadal2016", is_pneumocystis_prophylaxis=True,
    ),
)  # fmt: skip


_LONGEST_NAME_WORDS = 4
_NO_LETTERS = re.compile(r"[\W\d_]+")
_SHORT_NAME_LETTERS = 7


def _key(name: str) -> str:
    """Return `name` without case, accents, spaces and punctuation."""
    letters = unicodedata.normalize("NFKD", name).casefold()
    return "".join(sign for sign in letters if sign.isalnum())


_BY_KEY: Mapping[str, Drug] = MappingProxyType(
    {_key(name): drug for drug in DRUGS for name in (drug.name, *drug.synonyms)}
)


def _keys(name: str) -> tuple[str, ...]:
    """Return the keys of the name and of its words, alone and joined, the longest first."""
    text = unicodedata.normalize("NFC", clean(name))
    words = [word for word in _NO_LETTERS.split(text) if word]
    parts = (
        words[start : start + length]
        for length in range(min(len(words), _LONGEST_NAME_WORDS), 0, -1)
        for start in range(len(words) - length + 1)
    )
    return tuple(dict.fromkeys((_key(text), *(_key(" ".join(part)) for part in parts))))


@lru_cache(maxsize=1000)
def find_drugs(name: str) -> tuple[Drug, ...]:
    """Return the rows of the drugs in a name: by the name, a synonym, or some of its words.

    So a salt matches, and each drug of a combination.

    >>> [drug.name for drug in find_drugs("Rifampin/isoniazid 300 mg")]
    ['rifampicin']
    """
    whole, *parts = _keys(name)
    if whole in _BY_KEY:
        return (_BY_KEY[whole],)
    return tuple(dict.fromkeys(_BY_KEY[key] for key in parts if key in _BY_KEY))


@lru_cache(maxsize=1000)
def nearly_to_avoid(name: str) -> tuple[Drug, ...]:
    """Return the drugs to avoid that a name, or some of its words, may be a misspelling of.

    >>> [drug.name for drug in nearly_to_avoid("klaritromicina 250 mg")]
    ['clarithromycin']
    """
    found = find_drugs(name)
    slips = {
        drug: count
        for key in _keys(name)
        if key not in _BY_KEY
        for known, drug in _TO_AVOID
        if drug not in found and (count := _slips(key, known)) is not None
    }
    fewest = min(slips.values(), default=0)
    return tuple(drug for drug, count in slips.items() if count == fewest)


@lru_cache(maxsize=1000)
def _sound(key: str) -> str:
    """Return a key as its sound, in which the spellings of several languages are one.

    >>> _sound("clarithromycin") == _sound("klaritromicine")
    True
    """
    for written, sound in (("ph", "f"), ("th", "t"), ("y", "i"), ("k", "c")):
        key = key.replace(written, sound)
    once = re.sub(r"(.)\1+", r"\1", key)
    return re.sub(r"(?<=n|l)[aeo]$", "", once)


_TO_AVOID = tuple(
    (key, drug) for key, drug in _BY_KEY.items() if drug.advice is InteractionClass.AVOID
)


def _slips(typed: str, known: str) -> int | None:
    """Return how far a key is from a known one, by letter or by sound; None if it is another name.

    A short name allows one slip, a long one two.
    """
    most = 1 if len(known) <= _SHORT_NAME_LETTERS else 2
    pairs = ((typed, known), (_sound(typed), _sound(known)))
    near = [_slips_between(*pair) for pair in pairs if _may_be_near(*pair, most)]
    fewest = min(near, default=most + 1)
    return fewest if fewest <= most else None


def _may_be_near(typed: str, known: str, most: int) -> bool:
    """Return False where the length or the letters alone need more slips: most names, quickly."""
    return abs(len(typed) - len(known)) <= most and len(set(typed) ^ set(known)) <= 2 * most


def _slips_between(typed: str, known: str) -> int:
    """Return how many letters were dropped, added, replaced or swapped with the next one."""
    above: list[int] = []
    row = list(range(len(known) + 1))
    for line, sign in enumerate(typed, start=1):
        before, above, row = above, row, [line]
        for column, meant in enumerate(known, start=1):
            slips = min(above[column] + 1, row[column - 1] + 1, above[column - 1] + (sign != meant))
            swapped = (
                line > 1 and column > 1 and ((sign, typed[line - 2]) == (known[column - 2], meant))
            )
            row.append(min(slips, before[column - 2] + 1) if swapped else slips)
    return row[-1]


def nearest_names(name: str) -> tuple[str, ...]:
    """Return up to three names in the table that are spelled nearly like `name`."""
    import difflib  # noqa: PLC0415 - only a mistyped name needs it

    keys = difflib.get_close_matches(_key(clean(name)), _BY_KEY, n=3, cutoff=0.7)
    return tuple(dict.fromkeys(_BY_KEY[key].name for key in keys))


def interaction_alerts(names: tuple[str, ...]) -> Alerts:
    """Return one alert for each different drug in `names`, and one for each unknown name."""
    typed: dict[Drug, list[str]] = {}
    unknown: dict[str, str] = {}
    for name in names:
        drugs = find_drugs(name)
        for drug in drugs:
            typed.setdefault(drug, []).append(name)
        if not drugs or nearly_to_avoid(name):
            unknown.setdefault(clean(name).casefold(), name)
    known = (_known(drug, called) for drug, called in typed.items())
    return Alerts((*known, *map(_unknown, unknown.values())))


def _known(drug: Drug, names: list[str]) -> Alert:
    others = dict.fromkeys(shortened(name) for name in names if _key(name) != _key(drug.name))
    called = f"{', '.join(others)} ({drug.name})" if others else drug.name
    if drug.advice is InteractionClass.CAREFUL:
        return INTERACTION.alert(
            source=drug.source,
            value=drug.name,
            drug=called,
            effect=drug.effect,
            advice=" ".join(_careful_with(drug)) or None,
        )
    row = INTERACTION_TO_AVOID if drug.advice is InteractionClass.AVOID else NO_INTERACTION_LISTED
    row = THERAPEUTIC_DUPLICATION if drug.is_mtor_inhibitor else row
    return row.alert(source=drug.source, value=drug.name, drug=called, effect=drug.effect)


def _careful_with(drug: Drug) -> Iterator[str]:
    if not drug.is_vaccine:
        yield "The dose is not adjusted for it."
    if drug.source == UNCONFIRMED:
        yield "This is local practice: confirm it."


def _unknown(name: str) -> Alert:
    near = nearly_to_avoid(name)
    if near:
        return DRUG_NEARLY_TO_AVOID.alert(
            source=near[0].source,
            value=clean(name),
            drug=quoted(name),
            nearest=" or ".join(drug.name for drug in near),
            effect=near[0].effect,
        )
    nearest = " or ".join(nearest_names(name)) or None
    return DRUG_UNKNOWN.alert(value=clean(name), drug=quoted(name), nearest=nearest)
