"""The code tables of HL7 v2 that are read and written; a code that is in none is never guessed."""

from collections.abc import Mapping
from types import MappingProxyType

from dosing import Sex
from monitoring.exchange.incoming import ResultStatus, Skipped
from monitoring.record.level import Assay

VERSIONS = frozenset(
    ("2.3", "2.3.1", "2.4", "2.5", "2.5.1", "2.6", "2.7", "2.7.1", "2.8", "2.8.1", "2.8.2")
)
"""The versions that are read (MSH-12)."""

RESULT_MESSAGES = frozenset(("ORU", "ORU^R01", "ORU^R30", "ORU^R32"))
PATIENT_MESSAGES = frozenset(("ADT^A01", "ADT^A04", "ADT^A08"))
MERGE_MESSAGES = frozenset(("ADT^A40",))

STATUSES: Mapping[str, ResultStatus | Skipped] = MappingProxyType(
    {
        "F": ResultStatus.FINAL,
        "U": ResultStatus.FINAL,  # became final
        "V": ResultStatus.FINAL,  # verified, without a change
        "B": ResultStatus.FINAL,  # a text was appended, without a change of the result
        "C": ResultStatus.CORRECTED,
        "A": ResultStatus.CORRECTED,  # amended
        "D": ResultStatus.WITHDRAWN,  # deleted
        "W": ResultStatus.WITHDRAWN,  # wrong, such as of another patient
        "P": Skipped.PRELIMINARY,
        "R": Skipped.PRELIMINARY,  # not verified
        "S": Skipped.PRELIMINARY,  # partial
        "I": Skipped.PRELIMINARY,  # pending
        "X": Skipped.CANCELLED,
        "O": Skipped.WITHOUT_VALUE,  # a description of the order
        "N": Skipped.WITHOUT_VALUE,  # not asked for
    }
)
"""Table 0085: the status of an observation, OBX-11."""

BECAME_FINAL = "U"
"""Of table 0085: what was sent as preliminary is final, and need not be sent again."""

SEXES: Mapping[str, Sex] = MappingProxyType(
    {
        "F": Sex.FEMALE,
        "M": Sex.MALE,
        "O": Sex.OTHER,
        "A": Sex.OTHER,  # ambiguous
        "U": Sex.UNKNOWN,
        "N": Sex.UNKNOWN,  # not applicable
    }
)
"""Table 0001: the sex, PID-8."""

NUMBER_TYPES = ("MR", "PI", "")
"""The types of table 0203 that a clinic's own record number has, the first one preferred."""
NO_NUMBER_OF_A_PERSON = frozenset(("AM", "AN", "AND", "ANT", "BA", "BC", "CC", "DI", "VN", "VS"))
"""Types of table 0203 of accounts, visits and cards: never a record number."""

CHARACTER_SETS: Mapping[str, str] = MappingProxyType(
    {
        "": "ascii",
        "ASCII": "ascii",
        "UNICODEUTF8": "utf-8",
        "UTF8": "utf-8",
        **{f"8859{part}": f"iso8859-{part}" for part in (*range(1, 12), 13, 14, 15)},
        **{f"ISO8859{part}": f"iso8859-{part}" for part in (*range(1, 12), 13, 14, 15)},
    }
)
"""Table 0211 without its spaces and signs, and Python's name of the character set."""

METHODS: Mapping[str, Assay] = MappingProxyType(
    {
        "lcmsms": Assay.LC_MS_MS,
        "lcms": Assay.LC_MS_MS,
        "hplcmsms": Assay.LC_MS_MS,
        "uplcmsms": Assay.LC_MS_MS,
        "uhplcmsms": Assay.LC_MS_MS,
        "liquidchromatographytandemmassspectrometry": Assay.LC_MS_MS,
        "cmia": Assay.CMIA,
        "chemiluminescentmicroparticleimmunoassay": Assay.CMIA,
        "emit": Assay.EMIT,
        "enzymemultipliedimmunoassaytechnique": Assay.EMIT,
    }
)
"""The names of a method (OBX-17), without case, spaces and signs."""

TROUGH, PEAK, RANDOM = "TROUGH", "PEAK", "RANDOM"
TIMINGS = frozenset((TROUGH, PEAK, RANDOM))
"""Of table 0256: when a sample was taken, as a code or as a word of a name."""

OWN_SYSTEM = "99SIROLIMUS"
"""The system of the codes that this program writes where LOINC has none that is known here."""
LAST_DOSE, LAST_DOSE_ASSUMED = "LAST-DOSE", "LAST-DOSE-ASSUMED"
"""Own codes of the time of the last dose before a sample: stated, and assumed by the schedule."""

_SEGMENTS = """
ABS ACC ADD ADJ AFF AIG AIL AIP AIS AL1 APR ARQ ARV AUT BHS BLC BLG BPO BPX BTS BTX BUI CDM
CDO CER CM0 CM1 CM2 CNS CON CSP CSR CSS CTD CTI CTR DB1 DEV DG1 DMI DON DPS DRG DSC DSP DST
ECD ECR EDU EQL EQP EQU ERQ ERR EVN FAC FHS FT1 FTS GOL GP1 GP2 GT1 IAM IAR IIM ILT IN1 IN2
IN3 INV IPC IPR ISD ITM IVC IVT LAN LCC LCH LDP LOC LRL MCP MFA MFE MFI MRG MSA MSH NCK NDS
NK1 NPU NSC NST NTE OBR OBX ODS ODT OH1 OH2 OH3 OH4 OM1 OM2 OM3 OM4 OM5 OM6 OM7 OMC ORC ORG
ORO OVR PAC PCE PCR PD1 PDA PDC PEO PES PID PKG PM1 PMT PR1 PRA PRB PRC PRD PRT PSG PSH PSL
PSS PTH PV1 PV2 PYE QAK QID QPD QRD QRF QRI RCP RDF RDT REL RF1 RFI RGS RMI ROL RQ1 RQD RXA
RXC RXD RXE RXG RXO RXR RXV SAC SCD SCH SCP SDD SFT SGH SGT SID SLT SPM SPR STF STZ TCC TCD
TQ1 TQ2 TXA UAC UB1 UB2 URD URS VAR VND VTQ
"""
SEGMENTS = frozenset(_SEGMENTS.split())
"""The segments of versions 2.3 to 2.8. A name that begins with Z is a sender's own."""
