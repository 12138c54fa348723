"""Models written by hand for the tests of tables, with the figures of the clinical reference."""

from typing import Any

import pandas as pd

from dosing.nonmem import fit_table, read_table
from dosing.pharmacokinetics.covariates import Covariate, CovariateEffect, CovariateForm
from dosing.pharmacokinetics.model import Model, Parameter

WEIGHT = Covariate(name="weight", column="WT", unit="kg", lowest=3.3, highest=65)


def _by_weight(reference: float, exponent: float) -> tuple[CovariateEffect, ...]:
    return (
        CovariateEffect(
            covariate="weight", kind=CovariateForm.POWER, reference=reference, exponent=exponent
        ),
    )


ONE_COMPARTMENT = Model(
    key="one",
    name="One compartment",
    source="proposed",
    citation="Fan 2024",
    population="children with vascular anomalies",
    assay="emit",
    compartments=1,
    lag_h=0,
    parameters=(
        Parameter(
            name="CL",
            value=4.06,
            unit="L/h",
            source="clinical reference, section 9",
            relations=_by_weight(16, 1.23),
        ),
        Parameter(
            name="V",
            value=155,
            unit="L",
            source="clinical reference, section 9",
            relations=_by_weight(16, 1.62),
        ),
        Parameter(name="ka", value=0.485, unit="1/h", source="clinical reference, section 9"),
    ),
    covariates=(WEIGHT, Covariate(name="age", column="AGE", unit="year", lowest=0.0833)),
    effects=("CL",),
    omega=((0.06729,),),
    additive_ng_ml=3.41,
    proportional=0,
)

_AGE = CovariateEffect(covariate="age", kind=CovariateForm.LINEAR, reference=44, slope=-0.388)
_DRUG = CovariateEffect(covariate="drug", kind=CovariateForm.FACTOR, factor=0.63)

TWO_COMPARTMENTS = Model(
    key="two",
    name="Two compartments",
    source="proposed",
    citation="Golubovic 2019",
    population="adults",
    assay="cmia",
    compartments=2,
    lag_h=0,
    parameters=(
        Parameter(
            name="CL",
            value=12.2,
            unit="L/h",
            source="clinical reference, section 9",
            relations=(_DRUG, _AGE),
        ),
        Parameter(name="V", value=118, unit="L", source="clinical reference, section 9"),
        Parameter(name="Q", value=5.07, unit="L/h", source="clinical reference, section 9"),
        Parameter(name="Vp", value=609, unit="L", source="clinical reference, section 9"),
        Parameter(name="ka", value=2.19, unit="1/h", source="clinical reference, section 9"),
    ),
    covariates=(
        Covariate(name="age", column="Age", unit="year", lowest=16, highest=64),
        Covariate(name="drug", column="OXC", unit="", drug="oxcarbazepine"),
    ),
    effects=("CL", "V", "Vp", "Q"),
    omega=((0.0547, 0, 0, 0), (0, 0.306, 0, 0), (0, 0, 0.0657, 0), (0, 0, 0, 0.103)),
    additive_ng_ml=1.93,
    proportional=0.249,
)

HEADER = "ID,TIME,EVID,AMT,DV,MDV,II,ADDL,CENS,WT\n"
DOSES = "A,0,1,0.48,.,1,12,28,.,16\n"


def fitted(text: str, model: Model = ONE_COMPARTMENT) -> pd.DataFrame:
    return fit_table(read_table(text).cells, model)


def only(text: str, model: Model = ONE_COMPARTMENT) -> Any:
    found = fitted(text, model)
    assert len(found) == 1
    return found.iloc[0]
