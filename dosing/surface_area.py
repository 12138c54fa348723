"""Body surface area by the published formulas, and body mass index.

Figures: clinical reference, section 2; each formula names its own source. Areas are in m², weights
in kg and heights in cm. Mosteller's is the default.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

from dosing.errors import UserError
from dosing.patient import Height, Weight
from dosing.quantities.formatting import plain

_CM2_PER_M2 = Decimal(10_000)
_GRAMS_PER_KG = Decimal(1000)


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula of body surface area: `area` calculates it, `written` shows it with numbers."""

    key: str
    name: str
    source: str
    needs_height: bool
    area: Callable[[Decimal, Decimal], Decimal]
    written: str
    remark: str = ""

    def __repr__(self) -> str:
        """Return the formula by its key."""
        return f"<{type(self).__name__} {self.key}>"

    def in_numbers(self, weight: Weight, height: Height | None) -> str:
        """Return the formula with this patient's numbers filled in."""
        return self.written.format(
            w=f"{weight.kg.normalize():f}",
            h=f"{height.cm.normalize():f}" if height else "",
            g=f"{(weight.kg * _GRAMS_PER_KG).normalize():f}",
        )


def _power_law(
    factor: str, weight_power: str, height_power: str
) -> tuple[Callable[[Decimal, Decimal], Decimal], str]:
    """Return factor × weight^power × height^power as a function and as text."""

    def area(kg: Decimal, cm: Decimal) -> Decimal:
        return Decimal(factor) * kg ** Decimal(weight_power) * cm ** Decimal(height_power)

    return area, f"{factor} × {{w}}^{weight_power} × {{h}}^{height_power}"


def _mosteller(kg: Decimal, cm: Decimal) -> Decimal:
    return (kg * cm / 3600).sqrt()


def _boyd(kg: Decimal, cm: Decimal) -> Decimal:
    grams = kg * _GRAMS_PER_KG
    power = Decimal("0.7285") - Decimal("0.0188") * grams.log10()
    return Decimal("0.0003207") * cm ** Decimal("0.3") * grams**power


def _weight_only(kg: Decimal, _cm: Decimal) -> Decimal:
    grams = kg * _GRAMS_PER_KG
    power = Decimal("0.8168") - Decimal("0.0154") * grams.log10()
    return Decimal("4.688") * grams**power / _CM2_PER_M2


def _formula_by_power_law(
    key: str, name: str, source: str, *figures: str, remark: str = ""
) -> Formula:
    area, written = _power_law(*figures)
    return Formula(key, name, source, needs_height=True, area=area, written=written, remark=remark)


MOSTELLER = Formula(
    "mosteller",
    "Mosteller",
    "mosteller1987",
    needs_height=True,
    area=_mosteller,
    written="√({w} × {h} / 3600)",
)
HAYCOCK = _formula_by_power_law(
    "haycock",
    "Haycock",
    "haycock1978",
    "0.024265",
    "0.5378",
    "0.3964",
    remark="validated in infants, children and adults",
)
WEIGHT_ONLY = Formula(
    "weight-only",
    "Weight only (Boyd)",
    "sharkey2001",
    needs_height=False,
    area=_weight_only,
    written="4.688 × {g}^(0.8168 − 0.0154 × log10 {g}) / 10000",
)

FORMULAS: Mapping[str, Formula] = MappingProxyType(
    {
        formula.key: formula
        for formula in (
            MOSTELLER,
            HAYCOCK,
            _formula_by_power_law(
                "dubois",
                "Du Bois",
                "dubois1916",
                "0.007184",
                "0.425",
                "0.725",
                remark="reads about 8 % low in infants",
            ),
            _formula_by_power_law(
                "gehan-george",
                "Gehan and George",
                "gehan-george1970",
                "0.0235",
                "0.51456",
                "0.42246",
            ),
            Formula(
                "boyd",
                "Boyd",
                "boyd1935",
                needs_height=True,
                area=_boyd,
                written="0.0003207 × {h}^0.3 × {g}^(0.7285 − 0.0188 × log10 {g})",
            ),
            _formula_by_power_law(
                "fujimoto", "Fujimoto", "fujimoto1968", "0.008883", "0.444", "0.663"
            ),
            _formula_by_power_law(
                "takahira", "Takahira", "takahira1925", "0.007241", "0.425", "0.725"
            ),
            _formula_by_power_law(
                "shuter-aslani",
                "Shuter and Aslani",
                "shuter-aslani2000",
                "0.00949",
                "0.441",
                "0.655",
            ),
            WEIGHT_ONLY,
        )
    }
)


def body_surface_area(formula: Formula, weight: Weight, height: Height | None) -> Decimal:
    """Return the body surface area in m², unrounded.

    Raises `UserError` where the formula needs a height and none is given.

    >>> area = body_surface_area(MOSTELLER, Weight(Decimal(20)), Height(Decimal(115)))
    >>> round(area, 4)
    Decimal('0.7993')
    """
    if formula.needs_height and height is None:
        raise UserError(
            f"The {formula.name} formula needs a height. Enter one, such as 88cm, or choose the "
            "weight-only formula."
        )
    return formula.area(weight.kg, height.cm if height else Decimal(0))


@dataclass(frozen=True, slots=True)
class FormulaArea:
    """A body surface area in m² and its formula."""

    formula: Formula
    m2: Decimal

    def __repr__(self) -> str:
        """Return the area to six decimals."""
        return f"<{type(self).__name__} {self.formula.key} {plain(self.m2, 6)} m²>"


def body_surface_areas(weight: Weight, height: Height | None) -> tuple[FormulaArea, ...]:
    """Return the area by every formula that these measurements allow."""
    return tuple(
        FormulaArea(formula, body_surface_area(formula, weight, height))
        for formula in FORMULAS.values()
        if height is not None or not formula.needs_height
    )


def body_mass_index(weight: Weight, height: Height) -> Decimal:
    """Return weight divided by height squared, in kg/m².

    >>> body_mass_index(Weight(Decimal(20)), Height(Decimal(100)))
    Decimal('20')
    """
    metres = height.cm / 100
    return weight.kg / (metres * metres)
