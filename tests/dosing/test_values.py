"""What holds for every value of `dosing`: it is frozen, and takes no attribute it does not have."""

import dataclasses
import importlib
import pkgutil

import pytest

import dosing

VALUES = sorted(
    {
        value
        for module in pkgutil.iter_modules(dosing.__path__)
        for value in vars(importlib.import_module(f"dosing.{module.name}")).values()
        if isinstance(value, type)
        and dataclasses.is_dataclass(value)
        and value.__module__.startswith("dosing")
    },
    key=lambda value: value.__qualname__,
)


@pytest.mark.parametrize("value", VALUES, ids=lambda value: value.__name__)
def test_every_value_is_frozen_and_closed(value: type) -> None:
    assert value.__dataclass_params__.frozen  # type: ignore[attr-defined]
    assert "__slots__" in vars(value)


def test_the_values_were_found() -> None:
    assert len(VALUES) > 20
