"""A model under each possible value of what is unknown about a patient."""

from collections.abc import Mapping
from itertools import product
from types import MappingProxyType

from dosing.pharmacokinetics.covariates import WORDS_OF
from dosing.pharmacokinetics.model import Model


def model_variants(
    model: Model, covariates: Mapping[str, float]
) -> tuple[tuple[str, Mapping[str, float]], ...]:
    """Return the covariates of a patient, once for each value of an unknown drug or genotype.

    Each has its label, empty where nothing of that kind is unknown: then there is one.

    >>> from dosing.pharmacokinetics import model_named
    >>> [label for label, _ in model_variants(model_named("chen2020"), {"weight": 9, "age": 1.5})]
    ['CYP3A5*3/*3', 'CYP3A5*1 carrier']
    """
    unknown = [
        each
        for each in model.covariates
        if each.name in model.needed
        and each.name not in covariates
        and (each.drug or each.name in WORDS_OF)
    ]
    return tuple(
        (
            ", ".join(each.words(x) for each, x in zip(unknown, values, strict=True)),
            MappingProxyType(
                {**covariates, **{each.name: x for each, x in zip(unknown, values, strict=True)}}
            ),
        )
        for values in product((0.0, 1.0), repeat=len(unknown))
    )
