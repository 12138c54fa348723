"""Files of made-up laboratories, in the shapes of six languages and of Excel."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import openpyxl

Change = Callable[[Any], None]

ENGLISH = """\
MRN,DOB,Test,Result,Unit,Reference Range,Collected,Reported,Status
00123,2024-02-29,Sirolimus,7.20,ng/mL,5.0 - 15.0,2026/11/03 07:50,2026/11/04 10:00,Final
00123,2024-02-29,ALT,35 H,U/L,<33,2026/11/03 07:50,2026/11/04 10:00,Final
00123,2024-02-29,Platelets,250,K/uL,150-400,2026/11/03 07:50,2026/11/04 10:00,Preliminary
00123,2024-02-29,CRP,5,mg/L,<5,2026/11/03 07:50,2026/11/04 10:00,Final
"""
GERMAN = """\
Labor Musterstadt;;;;;;;;
;;;;;;;;
Patienten-Nr.;Geb.-Datum;Analyt;Ergebnis;Einheit;Referenzbereich;Entnahme;Befunddatum;Status
00123;29.02.2024;Sirolimus;7,20;µg/l;5,0 - 15,0;03.11.2026 07:50;24.11.2026 10:00;F
00123;29.02.2024;GPT (ALAT);35*;U/l;< 33;03.11.2026 07:50;24.11.2026 10:00;F
00123;29.02.2024;Thrombozyten;250;G/l;150-400;03.11.2026 07:50;24.11.2026 10:00;P
"""
FRENCH = """\
N° patient\tDate de naissance\tAnalyse\tRésultat\tUnité\tDate de prélèvement\tHeure de prélèvement\tStatut
00123\t29/02/2024\tSirolimus\t7,20\tµg/L\t03/11/2026\t07h50\tvalidé
00123\t29/02/2024\tPlaquettes\t250\tG/L\t03/11/2026\t07h50\tprovisoire
"""  # noqa: E501 - one row a line
SPANISH = """\
Historia clínica;Fecha de nacimiento;Prueba;Resultado;Unidades;Fecha de extracción;Estado
00123;29/02/2024;Sirolimus;7,20;ng/mL;23/11/2026 07:50;Validado
00123;29/02/2024;Plaquetas;250;10^9/L;23/11/2026 07:50;Pendiente
"""
DUTCH = """\
Patiëntnummer;Geboortedatum;Bepaling;Uitslag;Eenheid;Afname;Resultaatstatus
00123;29-02-2024;Sirolimus;7,20;µg/l;23-11-2026 07:50;definitief
00123;29-02-2024;Trombocyten;250;10*9/l;23-11-2026 07:50;voorlopig
"""
ITALIAN = """\
Codice paziente;Data di nascita;Esame;Risultato;Unità;Data prelievo;Ora prelievo;Stato
00123;29/02/2024;Sirolimus;7,20;ng/mL;23/11/2026;07:50;definitivo
00123;29/02/2024;Piastrine;250;x10^9/L;23/11/2026;07:50;provvisorio
"""
WIDE = """\
Patient ID,Date,Sirolimus [ng/mL],ALT [U/L]
00123,2026-11-03 07:50,7.20,35
"""
SHAPES = {
    "english": ENGLISH.encode(),
    "german": GERMAN.encode("cp1252"),
    "french": FRENCH.encode("utf-16"),
    "spanish": SPANISH.encode("utf-8-sig"),
    "dutch": DUTCH.encode(),
    "italian": ITALIAN.encode(),
    "wide": WIDE.encode(),
}

HEADINGS = ("MRN", "Test", "Result", "Unit", "Collected")
ROW = ("00123", "SIRO", "7.2", "ng/mL", "2026-11-03 07:50")


def workbook(*rows: tuple[Any, ...], change: Change = lambda _book: None) -> bytes:
    """Return a workbook of one sheet "Results", changed by a function of openpyxl's book."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Results"
    for row in rows:
        sheet.append(row)
    change(book)
    content = BytesIO()
    book.save(content)
    return content.getvalue()
