"""The front pages of `dosing` and its packages: each name is its file's own, imported when used."""

import subprocess
import sys
from importlib import import_module
from types import ModuleType

import pytest

import dosing
from dosing import pharmacokinetics
from dosing.lazy import file_of

PAGES = {
    dosing: file_of(dosing._NAMES_OF),  # noqa: SLF001 - the table itself
    pharmacokinetics: file_of(pharmacokinetics._NAMES_OF),  # noqa: SLF001 - as above
}


@pytest.mark.parametrize(
    ("page", "name"), [(page, name) for page, files in PAGES.items() for name in files]
)
def test_each_name_is_its_files_own(page: ModuleType, name: str) -> None:
    file = import_module(f"{page.__name__}.{PAGES[page][name]}")
    assert getattr(page, name) is getattr(file, name)


def test_the_table_has_the_names_that_are_public_and_no_others() -> None:
    assert sorted([*PAGES[dosing], "VERSION", "__version__"]) == sorted(dosing.__all__)
    assert sorted(PAGES[pharmacokinetics]) == sorted(pharmacokinetics.__all__)


def test_another_name_is_not_there() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        dosing.nothing  # noqa: B018 - asking for it is the test


def test_a_small_name_brings_no_units() -> None:
    script = "import sys; from dosing import PROTOCOLS, UserError, clean; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, encoding="utf-8", check=True
    )
    assert not {"pint", "numpy"} & set(done.stdout.split())


def test_a_fit_brings_no_units_and_no_alerts() -> None:
    script = (
        "import sys; from dosing.pharmacokinetics import fit, model_named;"
        "model_named('fan2024'); print(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, encoding="utf-8", check=True
    )
    loaded = set(done.stdout.split())
    assert "numpy" in loaded
    assert not {"pint", "pandas", "dosing.knowledge.alert_catalogue"} & loaded


@pytest.mark.parametrize("protocol", dosing.PROTOCOLS.values(), ids=lambda each: each.key)
def test_every_dose_of_a_protocol_has_a_unit_of_the_registry(protocol: dosing.Protocol) -> None:
    kinds = ("mg/m**2/day", "mg/kg/day", "mg/day")
    for start in protocol.starts:
        assert any(start.per_day.is_compatible_with(kind) for kind in kinds)
