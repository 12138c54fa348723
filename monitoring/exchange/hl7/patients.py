"""The patient of a message: PID and MRG as an identity."""

from dosing import Sex, UserError
from dosing.quantities.text import quoted
from monitoring.exchange.hl7.message import Component, FieldError, Segment
from monitoring.exchange.hl7.stamps import stamp
from monitoring.exchange.hl7.tables import NO_NUMBER_OF_A_PERSON, NUMBER_TYPES, SEXES
from monitoring.exchange.incoming import Identifier, PatientIdentity

_LEGAL = "L"


def identity_of(pid: Segment) -> PatientIdentity:
    """Return the patient of a PID. Raises `FieldError` for one without a readable number."""
    found = identifiers_in(pid, 3) if pid.raw(3) else _old_identifiers(pid)
    if not found:
        raise FieldError("PID-3", "the record number is empty. Send it, with its type MR.")
    birth = stamp(pid, 7)
    return PatientIdentity(
        identifiers=found,
        born=birth.day() if birth is not None and birth.has_day else None,
        name=_name(pid),
        sex=_sex(pid),
        part="PID-3",
        born_part="PID-7",
    )


def _old_identifiers(pid: Segment) -> tuple[Identifier, ...]:
    """Return the record numbers of PID-2, else PID-4: of old versions, or another clinic's.

    Raises `FieldError` for a text without a digit: it may be a name whose field was shifted.
    """
    for field in (2, 4):
        if not pid.raw(field):
            continue
        found = identifiers_in(pid, field)
        if len(found) != 1 or not any(sign.isdigit() for sign in found[0].value):
            raise FieldError(
                pid.part(field), f"{quoted(pid.raw(field))} is not a number. Send it in PID-3."
            )
        return found
    return ()


def identifiers_in(segment: Segment, field: int) -> tuple[Identifier, ...]:
    """Return the record numbers of a field of numbers (CX), the preferred type first."""
    typed = []
    for number in segment.repetitions(field):
        value, kind = number[0].text, _text(number, 5)
        if not value or kind in NO_NUMBER_OF_A_PERSON:
            continue
        check_digit = _text(number, 2)
        is_shifted = len(check_digit) > 1 and not check_digit.isdigit()
        if is_shifted or len(number[0].parts) > 1 or any(each.unknown for each in number):
            raise FieldError(
                segment.part(field),
                f"{quoted(segment.raw(field))} is not a list of numbers. Send them as CX.",
            )
        try:
            typed.append((_rank(kind), Identifier(value, _issuer(number))))
        except UserError as error:
            raise FieldError(segment.part(field), str(error)) from None
    return tuple(each for _, each in sorted(typed, key=lambda pair: pair[0]))


def _rank(kind: str) -> int:
    return NUMBER_TYPES.index(kind) if kind in NUMBER_TYPES else len(NUMBER_TYPES)


def _issuer(number: tuple[Component, ...]) -> str:
    """Return the assigning authority (CX.4): its name, or else its universal number."""
    if len(number) < 4:
        return ""
    return next((each for each in number[3].parts if each.strip()), "")


def _text(parts: tuple[Component, ...], number: int) -> str:
    return parts[number - 1].text if len(parts) >= number else ""


def _name(pid: Segment) -> str:
    """Return given names and family name of the legal name, or else of the first one."""
    names = pid.repetitions(5)
    if not names:
        return ""
    chosen = next((each for each in names if _text(each, 7) == _LEGAL), names[0])
    family, given, further = (_text(chosen, place) for place in (1, 2, 3))
    return " ".join(part for part in (given, further, family) if part)


def _sex(pid: Segment) -> Sex | None:
    """Return the sex of table 0001, or None for an empty field and for another code."""
    return SEXES.get(pid.first(8))
