"""Interactions with concomitant drugs: drugs to avoid, drugs for caution, and drugs without either.

Figures: clinical reference, section 7. A drug to avoid needs an override; a drug for caution gives
a caution; neither ever adjusts the dose. A name matches whatever its case, spaces and hyphens; a
name that is not in the table is unknown, and so is its safety.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from types import MappingProxyType

from dosing.alerts import Alert, AlertKind, Alerts
from dosing.knowledge.alert_catalogue import (
    DRUG_UNKNOWN,
    INTERACTION,
    INTERACTION_TO_AVOID,
    NO_INTERACTION_LISTED,
)
from dosing.knowledge.references import UNCONFIRMED
from dosing.quantities.text import clean, quoted, shortened

_LABEL = "us-label-medical-information"


class InteractionClass(Enum):
    """The advice of the sources on the combination."""

    AVOID = AlertKind.OVERRIDE
    CAREFUL = AlertKind.CAUTION
    NOT_LISTED = AlertKind.NOTE


@dataclass(frozen=True, slots=True)
class Drug:
    """One row of the table; `effect` is the effect on the sirolimus level, in words."""

    name: str
    synonyms: tuple[str, ...]
    effect: str
    advice: InteractionClass
    source: str
    is_steroid: bool = False
    is_pneumocystis_prophylaxis: bool = False
    is_vaccine: bool = False
    leaves_level: bool = False
    """True if the advice is not about the sirolimus level."""

    @property
    def may_change_level(self) -> bool:
        """Return whether the level may change when the drug is started or stopped."""
        return self.advice is not InteractionClass.NOT_LISTED and not self.leaves_level


_RAISES = "raises the sirolimus level (inhibitor)"
_LOWERS = "lowers the sirolimus level (inducer)"
_MAY_CHANGE = "may change the sirolimus level"
_IN_NADAL = "was given with sirolimus in Nadal 2016 and has no listed interaction"


def _avoid(name: str, *synonyms: str, effect: str = _RAISES) -> Drug:
    return Drug(name, synonyms, effect, InteractionClass.AVOID, _LABEL)


def _careful(name: str, *synonyms: str, effect: str = _RAISES, source: str = _LABEL) -> Drug:
    return Drug(name, synonyms, effect, InteractionClass.CAREFUL, source)


def _unconfirmed(name: str, *synonyms: str, is_steroid: bool = False) -> Drug:
    return Drug(
        name, synonyms, _MAY_CHANGE, InteractionClass.CAREFUL, UNCONFIRMED, is_steroid=is_steroid
    )


DRUGS = (
    # Drugs to avoid that raise the level, with the rise of the exposure where it is known.
    _avoid("ketoconazole", effect=f"{_RAISES}; exposure × 10.9"),
    _avoid("voriconazole", "vfend", effect=f"{_RAISES}; exposure × 11"),
    _avoid("posaconazole", "noxafil", effect=f"{_RAISES}; exposure × 9"),
    _avoid("itraconazole", "sporanox"),
    _avoid("clarithromycin", "biaxin", "klacid"),
    _avoid("erythromycin", effect=f"{_RAISES}; exposure × 4"),
    _avoid("telithromycin"),
    _avoid("boceprevir", effect=f"{_RAISES}; exposure × 17"),
    _avoid("telaprevir"),
    _avoid("grapefruit juice", "grapefruit", "grapefruits"),
    # Drugs to avoid that lower the level.
    _avoid("rifampicin", "rifampin", effect=f"{_LOWERS}; exposure − 82 %"),
    _avoid("rifabutin", effect=_LOWERS),
    # Drugs for caution that raise the level.
    _careful("diltiazem", effect=f"{_RAISES}; exposure × 1.6"),
    _careful("verapamil", effect=f"{_RAISES}; exposure × 2.2"),
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
    _careful("ritonavir", "norvir"),
    _careful(
        "protease inhibitor", "protease inhibitors", "hiv protease inhibitor",
        "hiv protease inhibitors", "lopinavir", "lopinavir/ritonavir", "darunavir", "atazanavir",
        "saquinavir", "indinavir", "nelfinavir", "fosamprenavir",
    ),
    _careful("bromocriptine"),
    _careful("metoclopramide"),
    _careful("troleandomycin"),
    # Drugs for caution that lower the level.
    _careful("carbamazepine", "tegretol", effect=_LOWERS),
    _careful("phenobarbital", "phenobarbitone", effect=_LOWERS),
    _careful("phenytoin", effect=_LOWERS),
    _careful("rifapentine", effect=_LOWERS),
    _careful("st john's wort", "saint john's wort", "hypericum", effect=_LOWERS),
    _careful(
        "oxcarbazepine", effect="raises the clearance of sirolimus in children × 1.16",
        source="chen2021",
    ),
    # Vaccines.
    Drug(
        "live vaccine",
        ("live vaccines", "mmr", "mmr vaccine", "varicella vaccine", "bcg", "bcg vaccine",
         "yellow fever vaccine", "rotavirus vaccine"),
        "must not be given during treatment", InteractionClass.CAREFUL, _LABEL, is_vaccine=True,
        leaves_level=True,
    ),
    # Not confirmed in a source: a caution from local practice.
    _unconfirmed("isavuconazole"),
    _unconfirmed("cobicistat"),
    _unconfirmed("nirmatrelvir/ritonavir", "nirmatrelvir", "paxlovid"),
    _unconfirmed("amiodarone"),
    _unconfirmed("aprepitant"),
    _unconfirmed("cannabidiol", "cbd"),
    _unconfirmed("efavirenz"),
    _unconfirmed("bosentan"),
    _unconfirmed("dexamethasone", is_steroid=True),
    Drug(
        "ace inhibitor",
        ("ace inhibitors", "enalapril", "captopril", "lisinopril", "ramipril", "perindopril"),
        "may cause angioedema together with sirolimus", InteractionClass.CAREFUL, UNCONFIRMED,
        leaves_level=True,
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
_SEPARATORS = re.compile(r"[\s/+,;&]+")


def _key(name: str) -> str:
    """Return `name` without case, accents, spaces and punctuation."""
    letters = unicodedata.normalize("NFKD", name).casefold()
    return "".join(sign for sign in letters if sign.isalnum())


_BY_KEY: Mapping[str, Drug] = MappingProxyType(
    {_key(name): drug for drug in DRUGS for name in (drug.name, *drug.synonyms)}
)


@lru_cache(maxsize=1000)
def find_drugs(name: str) -> tuple[Drug, ...]:
    """Return the rows of the drugs in a name: by the name, a synonym, or some of its words.

    So a salt matches, and each drug of a combination.

    >>> [drug.name for drug in find_drugs("Rifampin/isoniazid 300 mg")]
    ['rifampicin']
    """
    words = [word for word in _SEPARATORS.split(clean(name)) if word]
    parts = (
        words[start : start + length]
        for length in range(min(len(words), _LONGEST_NAME_WORDS), 0, -1)
        for start in range(len(words) - length + 1)
    )
    keys = (_key(" ".join(part)) for part in (clean(name).split(), *parts))
    found = dict.fromkeys(_BY_KEY[key] for key in keys if key in _BY_KEY)
    whole = _BY_KEY.get(_key(clean(name)))
    return (whole,) if whole else tuple(found)


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
        if not drugs:
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
    return row.alert(source=drug.source, value=drug.name, drug=called, effect=drug.effect)


def _careful_with(drug: Drug) -> Iterator[str]:
    if not drug.is_vaccine:
        yield "The dose is not adjusted for it."
    if drug.source == UNCONFIRMED:
        yield "This is local practice: confirm it."


def _unknown(name: str) -> Alert:
    nearest = " or ".join(nearest_names(name)) or None
    return DRUG_UNKNOWN.alert(value=clean(name), drug=quoted(name), nearest=nearest)
