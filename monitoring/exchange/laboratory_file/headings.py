"""Headings and names of tests as laboratories write them, in six languages: one table.

The languages are English, German, French, Spanish, Dutch and Italian. A name is compared without
case, accents, spaces and punctuation, and as a whole: "Report date" is not "Date".
"""

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from dosing import clean
from monitoring.laboratory.tests import find_test

# By the field of `MappedColumns`: the names of its column. A name in `_GENERIC` means its field
# only where no other column has a name of its own.
_NAMES = {
    "record_number": (
        "MRN", "medical record number", "record number", "patient ID", "patient no", "patient nr",
        "patient number", "PID", "hospital number", "hospital no", "UR number", "URN", "chart no",
        "chart number", "case number", "case no", "NHS number", "CHI number", "unit number",
        "Patientennummer", "Patienten-Nr.", "Patienten-ID", "Pat.-Nr.", "Pat-ID", "Fallnummer",
        "Fall-Nr.", "Aktennummer",
        "numéro patient", "n° patient", "no patient", "numéro de dossier", "n° dossier", "IPP",
        "ID patient", "identifiant patient", "identifiant du patient", "NIP",
        "número de historia clínica", "n° historia", "historia clínica", "NHC", "ID paciente",
        "número de paciente", "n.º paciente", "identificador del paciente",
        "patiëntnummer", "patiëntnr", "patiënt ID", "patientnr",
        "numero paziente", "n. paziente", "ID paziente", "codice paziente", "numero cartella",
        "cartella clinica", "codice sanitario",
    ),
    "born": (
        "date of birth", "DOB", "birth date", "born", "patient DOB", "Geburtsdatum", "geb.",
        "geb. am", "Geb.-Datum", "geboren", "geboren am", "date de naissance", "DDN", "né(e) le",
        "né le", "naissance", "fecha de nacimiento", "F. nacimiento", "nacimiento", "FN",
        "geboortedatum", "geb. datum", "data di nascita", "nascita", "data nascita",
    ),
    "test": (
        "test", "test name", "analyte", "assay name", "component", "test code", "investigation",
        "parameter", "examination", "measurement", "order item", "observation", "lab test",
        "Analyt", "Untersuchung", "Messgröße", "Parametername", "Bestimmung", "Laborparameter",
        "Analysenname", "Verfahren",
        "analyse", "examen", "paramètre", "nom de l'analyse", "libellé", "libellé analyse",
        "analito", "prueba", "análisis", "determinación", "parámetro", "magnitud",
        "bepaling", "onderzoek", "testnaam", "bepalingnaam",
        "esame", "analisi", "parametro", "prestazione", "test eseguito",
    ),
    "value": (
        "result", "value", "result value", "test result", "numeric result", "results",
        "Ergebnis", "Wert", "Messwert", "Resultat", "Ergebniswert", "Befundwert", "Ergebnisse",
        "résultat", "valeur", "résultats", "valeur du résultat",
        "resultado", "valor", "resultados", "valor resultado",
        "uitslag", "waarde", "resultaat", "uitslagen",
        "risultato", "valore", "esito", "risultati",
    ),
    "unit": (
        "unit", "units", "UOM", "unit of measure", "result unit", "units of measure",
        "Einheit", "Einheiten", "Maßeinheit", "ME", "Dimension",
        "unité", "unités", "unité de mesure", "unidad", "unidades", "unidad de medida", "uds",
        "eenheid", "eenheden", "unità", "unità di misura", "U.M.", "UM",
    ),
    "sample_time": (
        "collected", "collection time", "collection date time", "collection datetime",
        "collected at", "collected date time", "date time collected", "date/time collected",
        "specimen collected", "specimen collection time", "specimen date time", "sampled",
        "sample time", "sample date time", "sampling time", "drawn", "draw time", "date collected",
        "collection date", "sample date", "specimen date", "collected on", "date of collection",
        "draw date", "date drawn", "sampling date", "time collected", "collection date/time",
        "Entnahme", "Entnahmezeit", "Entnahmezeitpunkt", "Entnahmedatum", "Abnahme", "Abnahmezeit",
        "Abnahmezeitpunkt", "Abnahmedatum", "entnommen am", "entnommen", "Probenentnahme",
        "Entnahme am", "Probenahme", "Blutentnahme", "Entnahmedatum/-zeit",
        "prélèvement", "date de prélèvement", "date prélèvement", "heure de prélèvement",
        "prélevé le", "date et heure de prélèvement", "date du prélèvement", "heure prélèvement",
        "extracción", "fecha de extracción", "fecha extracción", "toma de muestra",
        "fecha de la muestra", "hora de extracción", "fecha y hora de extracción", "fecha muestra",
        "hora extracción", "fecha de toma", "hora de toma",
        "afname", "afnamedatum", "afnametijd", "afgenomen", "afnametijdstip", "afgenomen op",
        "datum afname", "tijd afname", "tijdstip afname",
        "prelievo", "data prelievo", "data e ora prelievo", "ora prelievo", "data di prelievo",
        "data del prelievo", "prelevato il", "ora di prelievo", "ora del prelievo",
    ),
    "last_dose": (
        "last dose", "time of last dose", "last dose time", "dose time", "last intake",
        "letzte Gabe", "letzte Einnahme", "letzte Dosis", "Einnahmezeit",
        "dernière prise", "heure dernière prise", "dernière dose",
        "última dosis", "última toma", "hora última dosis",
        "laatste dosis", "laatste inname", "laatste gift", "ultima dose", "ultima assunzione",
    ),
    "assay": (
        "method", "assay", "assay method", "methodology", "Methode", "Messmethode", "Methodik",
        "méthode", "technique", "método", "técnica", "meetmethode", "metodo", "metodica",
    ),
    "laboratory": (
        "laboratory", "lab", "performing lab", "performing laboratory", "lab name", "Labor",
        "Laboratorium", "laboratoire", "laboratorio", "lab. uitvoerend",
    ),
    "lower_limit": (
        "low", "lower limit", "LLN", "lower", "reference low", "ref low", "normal low", "min",
        "lower reference limit", "range low", "low normal",
        "untere Grenze", "Untergrenze", "unterer Grenzwert", "Normwert von", "Referenz von",
        "borne inférieure", "limite inférieure", "valeur basse", "norme inf", "mini",
        "límite inferior", "inferior", "ondergrens", "limite inferiore",
    ),
    "upper_limit": (
        "high", "upper limit", "ULN", "upper", "reference high", "ref high", "normal high", "max",
        "upper reference limit", "range high", "high normal",
        "obere Grenze", "Obergrenze", "oberer Grenzwert", "Normwert bis", "Referenz bis",
        "borne supérieure", "limite supérieure", "valeur haute", "norme sup", "maxi",
        "límite superior", "superior", "bovengrens", "limite superiore",
    ),
    "range": (
        "range", "reference range", "ref range", "normal range", "reference interval",
        "reference values", "reference", "ref. interval", "normal values", "limits",
        "Referenzbereich", "Normbereich", "Referenz", "Normwert", "Normwerte", "Referenzwerte",
        "Referenzintervall", "Ref.-Bereich",
        "valeurs de référence", "normes", "intervalle de référence", "valeurs usuelles", "norme",
        "valores de referencia", "rango de referencia", "intervalo de referencia", "rango",
        "referentiewaarden", "referentiewaarde", "referentie", "referentiebereik", "normaalwaarden",
        "valori di riferimento", "intervallo di riferimento", "riferimento", "range normale",
    ),
    "status": (
        "status", "result status", "report status", "validation status", "test status", "OBX-11",
        "state", "result state", "order status",
        "Befundstatus", "Ergebnisstatus", "Validierungsstatus", "Status Ergebnis",
        "statut", "statut du résultat", "état", "état du résultat", "statut résultat",
        "estado", "estado del resultado", "estado resultado", "situación",
        "resultaatstatus", "uitslagstatus", "status uitslag",
        "stato", "stato risultato", "stato del risultato", "stato referto",
    ),
}  # fmt: skip
_GENERIC = {
    "record_number": ("ID", "number", "no", "nr", "Nummer", "patient", "paciente", "patiënt",
                      "paziente", "numéro"),
    "sample_time": ("date", "date time", "datetime", "time", "timestamp", "Datum", "Zeit",
                    "Uhrzeit", "Zeitpunkt", "Datum/Uhrzeit", "Datum Uhrzeit", "heure", "fecha",
                    "hora", "fecha y hora", "fecha hora", "tijd", "tijdstip", "datum tijd", "data",
                    "ora", "data ora", "data e ora", "date et heure", "date heure", "day", "Tag",
                    "jour", "día", "giorno"),
    "test": ("name", "code", "item", "description", "Bezeichnung", "Leistung", "nom",
             "descripción", "nombre", "omschrijving", "naam", "descrizione", "nome"),
}  # fmt: skip

# The names of tests in the other languages; those of English are synonyms of the table of tests.
_TESTS = {
    "ALT": ("GPT (ALAT)", "ALAT (GPT)", "TGP", "ALAT/GPT", "GPT/ALAT", "ALT/GPT", "TGP (ALAT)",
            "alanina aminotransferasa", "ALT (GPT)"),
    "AST": ("GOT (ASAT)", "ASAT (GOT)", "TGO", "ASAT/GOT", "GOT/ASAT", "AST/GOT", "TGO (ASAT)",
            "aspartato aminotransferasa", "AST (GOT)"),
    "GGT": ("Gamma-GT", "GGT (Gamma-GT)", "gamma-GT (GGT)"),
    "bilirubin": ("Bilirubin gesamt", "Gesamtbilirubin", "bilirubine totale", "bilirubina total",
                  "bilirubina totale", "totaal bilirubine", "bilirubine totaal"),
    "creatinine": ("Kreatinin", "créatinine", "creatinina", "Kreatinin (Serum)",
                   "Kreatinin im Serum", "kreatinine"),
    "cholesterol": ("Cholesterin", "Gesamtcholesterin", "cholestérol total", "cholestérol",
                    "colesterol", "colesterol total", "colesterolo", "colesterolo totale",
                    "Cholesterin gesamt", "cholesterol totaal"),
    "triglycerides": ("Triglyceride", "Triglyzeride", "triglycérides", "triglicéridos",
                      "trigliceridi", "triglyceriden"),
    "haemoglobin": ("Hämoglobin", "hémoglobine", "hemoglobina", "emoglobina", "hemoglobine"),
    "platelets": ("Thrombozyten", "plaquettes", "plaquetas", "trombocyten", "piastrine"),
    "neutrophils": ("Neutrophile", "neutrophile Granulozyten", "polynucléaires neutrophiles",
                    "neutrófilos", "neutrofielen", "neutrofili", "Neutrophile absolut",
                    "neutrophiles"),
    "white cells": ("Leukozyten", "leucocytes", "leucocitos", "leukocyten", "leucociti",
                    "globules blancs", "globuli bianchi"),
    "lymphocytes": ("Lymphozyten", "linfocitos", "lymfocyten", "linfociti"),
    "potassium": ("Kalium", "potasio", "potassio"),
    "glucose": ("Glukose", "glucosa", "glucosio", "Blutzucker", "glycémie", "glucemia", "glicemia"),
    "phosphate": ("Phosphat", "phosphore", "fosfato", "fosfaat", "fosforo", "fósforo"),
    "albumin": ("albumine", "albúmina", "albumina"),
    "fibrinogen": ("fibrinogène", "fibrinógeno", "fibrinogeen", "fibrinogeno"),
    "D-dimer": ("D-Dimere", "D-dimères", "dímero D", "D-dimero", "D-dimeer"),
    "haematocrit": ("Hämatokrit", "hématocrite", "hematocrito", "ematocrito", "hematocriet"),
}  # fmt: skip
_LEVELS = (
    "sirolimus", "sirolimus level", "sirolimus trough", "sirolimus trough level", "sirolimus blood",
    "sirolimus whole blood", "sirolimus in blood", "blood sirolimus", "sirolimus (rapamycin)",
    "sirolimus (rapamune)", "rapamune", "rapamycin", "rapamycin level", "siro", "sirolimus C0",
    "sirolimus LC-MS/MS", "sirolimus LCMSMS", "sirolimus CMIA", "sirolimus (LC-MS/MS)",
    "sirolimus EDTA", "SRL", "S-sirolimus", "B-sirolimus", "sirolimus conc", "level of sirolimus",
    "sirolimus concentration", "Sirolimusspiegel", "Sirolimus-Spiegel", "Sirolimus Talspiegel",
    "Sirolimus im Vollblut", "Sirolimus (EDTA-Blut)", "Rapamycin-Spiegel", "Sirolimus i. Vollblut",
    "sirolimus sanguin", "sirolimus sang total", "taux de sirolimus", "sirolimus résiduel",
    "sirolimus taux résiduel", "sirolémie", "dosage du sirolimus", "rapamycine",
    "sirolimus en sangre", "sirolimus sangre total", "nivel de sirolimus", "niveles de sirolimus",
    "rapamicina", "sirolimus valle",
    "sirolimus spiegel", "sirolimus bloed", "sirolimus dalspiegel", "sirolimus volbloed",
    "sirolimus ematico", "sirolimus sangue", "sirolimus nel sangue", "sirolimus sangue intero",
)  # fmt: skip
_NAMES_OF_THE_DRUG = ("sirolimus", "rapamycin", "rapamune", "rapamicina", "rapamycine")
# Parts of the names of other times than the sample's: reported, received, ordered, printed.
_OTHER_TIMES = (
    "report", "receiv", "receipt", "result", "valid", "print", "order", "request", "releas",
    "author", "verif", "befund", "eingang", "auftrag", "anforder", "ergebnis", "freigabe",
    "recept", "recu", "rendu", "edition", "demande", "informe", "recepcion", "solicitud",
    "ontvang", "aanvraag", "uitslag", "referto", "richiesta", "accettazione", "admi", "birth",
    "updat", "creat", "chang",
)  # fmt: skip
_UNIT_AT_END = re.compile(
    r"(?P<name>[^\[(]*[^\[( ]) *(?:\[(?P<square>[^\[\]]+)\]|\((?P<round>[^()]+)\))"
)


def _key(name: str) -> str:
    """Return a name without case, accents, spaces and punctuation."""
    letters = unicodedata.normalize("NFKD", clean(name).replace("ß", "ss")).casefold()
    return "".join(sign for sign in letters if sign.isalnum())


def _by_key(names: Mapping[str, tuple[str, ...]]) -> Mapping[str, str]:
    return MappingProxyType({_key(name): field for field, all_ in names.items() for name in all_})


_FIELD_OF, _GENERIC_FIELD_OF = _by_key(_NAMES), _by_key(_GENERIC)
_TEST_OF = _by_key(_TESTS)
_LEVEL_KEYS = frozenset(map(_key, _LEVELS))


def field_of(heading: str) -> str | None:
    """Return the field of `MappedColumns` that a heading names, or None.

    >>> field_of("Patienten-Nr."), field_of("Ergebnis [µg/l]"), field_of("Report date")
    ('record_number', 'value', None)
    """
    return _FIELD_OF.get(_key(heading)) or _FIELD_OF.get(_key(name_and_unit(heading)[0]))


def generic_field_of(heading: str) -> str | None:
    """Return the field that a heading may name where no other column does, or None.

    >>> generic_field_of("Datum"), generic_field_of("Befunddatum")
    ('sample_time', None)
    """
    return _GENERIC_FIELD_OF.get(_key(heading))


def speaks_of_other_time(heading: str) -> bool:
    """Return whether a heading seems to name another time than the sample's.

    >>> speaks_of_other_time("Befunddatum"), speaks_of_other_time("When")
    (True, False)
    """
    key = _key(heading)
    return any(part in key for part in _OTHER_TIMES)


def name_and_unit(heading: str) -> tuple[str, str]:
    """Return a heading without the unit in brackets at its end, and that unit or "".

    >>> name_and_unit("Sirolimus [ng/mL]"), name_and_unit("Result")
    (('Sirolimus', 'ng/mL'), ('Result', ''))
    """
    found = _UNIT_AT_END.fullmatch(clean(heading))
    return (found["name"], found["square"] or found["round"]) if found else (heading, "")


def is_level_name(name: str) -> bool:
    """Return whether a name of a test is that of the sirolimus level.

    >>> is_level_name("Sirolimus-Spiegel"), is_level_name("Sirolimus dose")
    (True, False)
    """
    return _key(name) in _LEVEL_KEYS


@lru_cache(maxsize=1024)
def names_sirolimus(name: str) -> bool:
    """Return whether a name contains the drug: such a test is never left out in silence."""
    key = _key(name)
    return key in _LEVEL_KEYS or any(drug in key for drug in _NAMES_OF_THE_DRUG)


def known_test(name: str) -> str | None:
    """Return the test of a name in any of the languages, or None.

    >>> known_test("Thrombozyten"), known_test("SGPT"), known_test("CRP") is None
    ('platelets', 'ALT', True)
    """
    known = find_test(name)
    return known.name if known else _TEST_OF.get(_key(name))
