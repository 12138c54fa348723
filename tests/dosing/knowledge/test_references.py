"""Every source that a table names has its citation."""

import pytest

from dosing.knowledge.limits import LIMITS
from dosing.knowledge.protocols import PROTOCOLS
from dosing.knowledge.references import SOURCES
from dosing.surface_area import FORMULAS

NAMED = {
    *(formula.source for formula in FORMULAS.values()),
    *(limit.source for limit in LIMITS),
    *(
        source
        for protocol in PROTOCOLS.values()
        for source in (protocol.source, protocol.target_source, protocol.first_level_source)
    ),
}


@pytest.mark.parametrize("source", sorted(NAMED))
def test_a_source_has_its_citation(source: str) -> None:
    assert SOURCES[source]


@pytest.mark.parametrize(
    ("formula", "source"),
    [
        ("mosteller", "mosteller1987"),
        ("haycock", "haycock1978"),
        ("dubois", "dubois1916"),
        ("gehan-george", "gehan-george1970"),
        ("boyd", "boyd1935"),
        ("fujimoto", "fujimoto1968"),
        ("takahira", "takahira1925"),
        ("shuter-aslani", "shuter-aslani2000"),
        ("weight-only", "sharkey2001"),
    ],
)
def test_each_formula_names_its_own_source(formula: str, source: str) -> None:
    assert FORMULAS[formula].source == source
