"""The status of a result as laboratories write it: HL7 letters, FHIR codes, and words."""

import unicodedata
from collections.abc import Mapping
from types import MappingProxyType

from dosing import clean
from monitoring.exchange.incoming import ResultStatus

# HL7 table 0085, FHIR observation-status, and the words of English, German, French, Spanish, Dutch
# and Italian laboratories, without case and accents.
_WORDS = {
    ResultStatus.FINAL: (
        "f", "final", "final result", "final report", "finalised", "finalized", "complete",
        "completed", "verified", "authorised", "authorized", "validated", "released",
        "endgultig", "endgueltig", "endbefund", "validiert", "freigegeben", "vidiert",
        "definitif", "valide", "resultat final", "definitivo", "validado", "verificado",
        "resultado final", "definitief", "gevalideerd", "geautoriseerd", "eindresultaat",
        "validato", "refertato", "finale",
    ),
    ResultStatus.CORRECTED: (
        "c", "corrected", "correction", "corrected result", "amended", "revised", "korrigiert",
        "korrektur", "berichtigt", "corrige", "rectifie", "corregido", "rectificado",
        "gecorrigeerd", "corretto", "rettificato",
    ),
    ResultStatus.PRELIMINARY: (
        "p", "r", "s", "i", "o", "preliminary", "prelim", "preliminary result", "partial",
        "pending", "in process", "in progress", "registered", "not verified", "unverified",
        "vorlaufig", "vorlaeufig", "vorbefund", "ausstehend", "in arbeit", "nicht validiert",
        "provisoire", "preliminaire", "en cours", "en attente", "non valide",
        "preliminar", "provisional", "pendiente", "en proceso", "no validado",
        "voorlopig", "in behandeling", "niet gevalideerd",
        "preliminare", "provvisorio", "in corso", "in attesa", "non validato",
    ),
    ResultStatus.CANCELLED: (
        "x", "cancelled", "canceled", "not done", "not performed", "rejected", "storniert",
        "abgebrochen", "nicht durchgefuhrt", "nicht durchgefuehrt", "annule", "non effectue",
        "cancelado", "anulado", "no realizado", "rechazado", "geannuleerd", "niet uitgevoerd",
        "annullato", "non eseguito",
    ),
    ResultStatus.WITHDRAWN: (
        "d", "w", "entered-in-error", "entered in error", "error", "deleted", "withdrawn",
        "wrong patient", "wrong", "geloscht", "geloescht", "irrtumlich", "irrtuemlich",
        "falscher patient", "supprime", "errone", "saisi par erreur", "eliminado", "erroneo",
        "verwijderd", "foutief", "eliminato", "errato",
    ),
}  # fmt: skip
STATUS_OF: Mapping[str, ResultStatus] = MappingProxyType(
    {word: status for status, words in _WORDS.items() for word in words}
)
"""The status of every known word."""


def read_status(text: str) -> ResultStatus | None:
    """Return the status of a letter, code or word, or None for an unknown one.

    >>> read_status("Endgültig"), read_status("P"), read_status("inpatient") is None
    (<ResultStatus.FINAL: 'final'>, <ResultStatus.PRELIMINARY: 'preliminary'>, True)
    """
    letters = unicodedata.normalize("NFKD", clean(text)).casefold()
    return STATUS_OF.get("".join(sign for sign in letters if not unicodedata.combining(sign)))
