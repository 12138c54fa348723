"""A share as a file: JSON, signed by the clinic's key, and read strictly.

Every field must be there and none other; every name must be one of this program's; every count
must obey the rule by which shares are made. The signature covers all that is read.
"""

import json
import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

from dosing import UserError
from dosing.json_document import json_text
from dosing.pharmacokinetics import MODEL_KEYS, model_named
from dosing.quantities.reading_limits import SHARE_BYTES
from monitoring.files import read_file
from monitoring.pooling import vocabulary as words
from monitoring.pooling.disclosure import FEWEST, Bounds, Partition, RowGroup
from monitoring.pooling.share import (
    AGE,
    DAYS_TREATED,
    DOSE_KG,
    DOSE_M2,
    FEWEST_FOR_COVARIANCE,
    MEASURES,
    ClinicShare,
    MeasureSums,
    RandomEffectSums,
    SharedDays,
)
from monitoring.pooling.vocabulary import RULES

_FORMAT, _FORMAT_VERSION = "sirolimus-share", 1
_MOST = 1_000_000
"""The most patients of one clinic."""
_LARGEST = 1e15
_HASH, _VERSION = re.compile("[0-9a-f]{64}"), re.compile("[0-9A-Za-z.+-]{1,40}")
_KEY, _SIGNATURE = re.compile("[0-9a-f]{64}"), re.compile("[0-9a-f]{128}")
_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
_ROUNDING = 1e-9
_GROUPED = re.compile("....")

_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class SignedShare:
    """A share, and the public key that its signature belongs to, as 64 hexadecimal digits."""

    share: ClinicShare
    key: str

    @property
    def fingerprint(self) -> str:
        """The fingerprint of the key: 32 hexadecimal digits in groups, to be compared aloud."""
        return fingerprint(self.key)


def fingerprint(key: str) -> str:
    """Return the fingerprint of a public key: half of its SHA-256, in groups of four.

    >>> fingerprint("00" * 32)
    '6668 7aad f862 bd77 6c8f c18b 8e9f 8e20'
    """
    return " ".join(_GROUPED.findall(sha256(bytes.fromhex(key)).hexdigest()[:32]))


# --- writing


def share_text(share: ClinicShare, private_key: bytes) -> str:
    """Return the text of the file of a share, signed by an Ed25519 key of 32 bytes."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (  # noqa: PLC0415 - shares alone
        Ed25519PrivateKey,
    )

    key = Ed25519PrivateKey.from_private_bytes(private_key)
    signed = _signed_part(share_document(share), key.public_key().public_bytes_raw().hex())
    signature = key.sign(_canonical(signed)).hex()
    return json_text({**signed, "signature": signature}, ascii_only=True) + "\n"


def _signed_part(document: object, key: str) -> dict[str, object]:
    return {
        "format": _FORMAT, "format_version": _FORMAT_VERSION, "share": document, "key": key,
    }  # fmt: skip


def _canonical(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def share_document(share: ClinicShare) -> dict[str, object]:
    """Return a share as a JSON document."""
    return {
        "version": share.version,
        "tables": share.tables,
        "on": share.on.isoformat(),
        "treated": share.treated,
        "partitions": partitions_document(share.partitions),
        "measures": [asdict(each) for each in share.measures],
        "days_in_range": asdict(share.days_in_range) if share.days_in_range else None,
        "random_effects": [
            {
                "model": each.model,
                "n": each.n,
                "sums": list(each.sums),
                "products": [list(row) for row in each.products],
            }
            for each in share.random_effects
        ],
    }


def partitions_document(partitions: Iterable[Partition]) -> dict[str, object]:
    """Return partitions as a JSON document."""
    return {each.key: [_group_document(group) for group in each.groups] for each in partitions}


def _group_document(group: RowGroup) -> dict[str, object]:
    bounds = group.bounds and [[each.low, each.high] for each in group.bounds]
    return {"rows": list(group.rows), "count": group.count, "bounds": bounds}


# --- reading


def read_share(file: Path) -> SignedShare:
    """Return the share in a file.

    Raises `UserError` for a file that cannot be read, is no share, breaks the rule of shares, or
    whose signature is of other content.
    """
    try:
        content = read_file(file, SHARE_BYTES)
    except OSError as error:
        raise UserError(
            f"{file} cannot be read ({error.strerror}). Check the name of the file."
        ) from None
    return signed_share_of(content, file)


def signed_share_of(content: bytes, file: object) -> SignedShare:
    """Return the share in some bytes; `file` is their name. Raises as `read_share` does."""
    try:
        document = json.loads(
            content.decode("utf-8"),
            object_pairs_hook=_object,
            parse_constant=_refused,
            parse_float=_number,
        )
        parts = _fields(document, "format", "format_version", "share", "key", "signature")
        _check(parts["format"] == _FORMAT, "another format")
    except (ValueError, RecursionError):
        raise UserError(
            f"{file} is not a share of a clinic. Choose a file of sirolimus cohort share."
        ) from None
    if parts["format_version"] != _FORMAT_VERSION:
        raise UserError(
            f"{file} is a share of another format. Use one version of the program in all clinics."
        )
    try:
        key = _text(parts["key"], _KEY)
        _check_signature(_signed_part(parts["share"], key), _text(parts["signature"], _SIGNATURE))
        return SignedShare(share_from(parts["share"]), key)
    except (ValueError, OverflowError) as error:
        raise UserError(
            f"{file} is damaged, or was changed: {error}. Ask the clinic for the file again."
        ) from None


def _check_signature(signed: object, signature: str) -> None:
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 - shares alone
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (  # noqa: PLC0415 - as above
        Ed25519PublicKey,
    )

    key = signed["key"] if isinstance(signed, dict) else ""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(
            bytes.fromhex(signature), _canonical(signed)
        )
    except InvalidSignature:
        raise ValueError("its signature does not belong to its content") from None


def share_from(document: object) -> ClinicShare:
    """Return the share of a document. Raises `ValueError` for any other document."""
    names = (
        "version", "tables", "on", "treated", "partitions", "measures", "days_in_range",
        "random_effects",
    )  # fmt: skip
    parts = _fields(document, *names)
    treated = _count(parts["treated"])
    partitions = _partitions(parts["partitions"], treated)
    share = ClinicShare(
        version=_text(parts["version"], _VERSION),
        tables=_text(parts["tables"], _HASH),
        on=date.fromisoformat(_text(parts["on"], _DAY)),
        treated=treated,
        partitions=tuple(partitions.values()),
        measures=tuple(_each(parts["measures"], lambda each: _measure(each, treated, partitions))),
        days_in_range=_days(parts["days_in_range"]),
        random_effects=tuple(
            _each(parts["random_effects"], lambda each: _random_effects(each, partitions))
        ),
    )
    _check_once([each.key for each in share.measures])
    _check_once([each.model for each in share.random_effects])
    return share


def partitions_from(document: object) -> tuple[Partition, ...]:
    """Return the partitions of a document, of any version. Raises `ValueError` for another one."""
    if not isinstance(document, dict):
        raise ValueError("tables are missing")  # noqa: TRY004 - one kind of error for every file
    return tuple(Partition(key, tuple(_each(each, _group))) for key, each in document.items())


def _partitions(document: object, treated: int) -> dict[str, Partition]:
    parts, found = _fields(document, *RULES), dict[str, Partition]()
    for key, rule in RULES.items():
        partition = Partition(key, tuple(_each(parts[key], _group)))
        _check(partition.rows == rule.rows, "rows are not those of the table")
        whole = (
            treated if rule.parent is None else found[rule.parent[0]].group_of(rule.parent[1]).count
        )
        _check(partition.total == whole, "the counts of a table do not add up")
        found[key] = partition
    return found


def _group(document: object) -> RowGroup:
    parts = _fields(document, "rows", "count", "bounds")
    rows = tuple(_each(parts["rows"], _string))
    count = _count(parts["count"])
    bounds = parts["bounds"]
    if bounds is None:
        return RowGroup(rows, count)
    found = tuple(_each(bounds, lambda each: _bounds(each, count)))
    _check(len(found) == len(rows) > 1, "bounds are not those of the rows")
    low, high = sum(each.low for each in found), sum(each.high for each in found)
    _check(low <= count <= high, "bounds exclude their total")
    return RowGroup(rows, count, found)


def _bounds(document: object, total: int) -> Bounds:
    low, high = _list(document, 2)
    _check(type(low) is int and type(high) is int, "a bound is not a number")
    _check(0 <= low <= high <= total and high - low >= FEWEST - 1, "bounds are too narrow")
    return Bounds(low, high)


def _measure(document: object, treated: int, partitions: Mapping[str, Partition]) -> MeasureSums:
    parts = _fields(document, "key", "n", "total", "squares")
    found = MeasureSums(
        key=_one_of(parts["key"], MEASURES),
        n=_count(parts["n"]),
        total=_real(parts["total"]),
        squares=_real(parts["squares"]),
    )
    doses = partitions[words.DOSES]
    sized = [row for row in doses.rows if row != words.NOT_RECORDED]
    patients = {
        AGE: Bounds(treated, treated),
        DAYS_TREATED: Bounds(treated, treated),
        DOSE_M2: doses.bounds_of(row for row in sized if "mg/m²" in row),
        DOSE_KG: doses.bounds_of(sized),
    }[found.key]
    _check(patients == Bounds(found.n, found.n), "a sum is of other patients")
    _check_squares(found.n, found.total, found.squares)
    return found


def _check_squares(n: int, total: float, squares: float) -> None:
    _check(total * total <= n * squares * (1 + _ROUNDING), "a sum is impossible")


def _days(document: object) -> SharedDays | None:
    if document is None:
        return None
    parts = _fields(document, "within", "outside", "below", "above")
    days = {key: None if value is None else _real(value) for key, value in parts.items()}
    within, outside, below, above = (days[key] for key in ("within", "outside", "below", "above"))
    if within is None or outside is None:
        raise ValueError("days are missing")
    _check((below is None) is (above is None), "days are missing")
    _check(min(each for each in days.values() if each is not None) >= 0, "days are below zero")
    if below is not None and above is not None:
        _check(math.isclose(below + above, outside, rel_tol=_ROUNDING), "days do not add up")
    return SharedDays(within=within, outside=outside, below=below, above=above)


def _random_effects(document: object, partitions: Mapping[str, Partition]) -> RandomEffectSums:
    parts = _fields(document, "model", "n", "sums", "products")
    model, n = _one_of(parts["model"], MODEL_KEYS), _count(parts["n"])
    fitted = partitions[words.with_model(model)]
    _check(
        fitted.bounds_of(fitted.rows[:1]) == Bounds(n, n), "random effects are of other patients"
    )
    _check(n >= FEWEST_FOR_COVARIANCE, "a covariance is of too few patients")
    size = len(model_named(model).effects)
    sums = tuple(_real(each) for each in _list(parts["sums"], size))
    products = tuple(
        tuple(_real(each) for each in _list(row, size)) for row in _list(parts["products"], size)
    )
    for place in range(size):
        _check_squares(n, sums[place], products[place][place])
        _check(
            all(products[place][other] == products[other][place] for other in range(size)),
            "a covariance is not symmetric",
        )
    return RandomEffectSums(model=model, n=n, sums=sums, products=products)


# --- strict parts


def _check(holds: bool, problem: str) -> None:  # noqa: FBT001 - an assertion of the reader
    if not holds:
        raise ValueError(problem)


def _check_once(names: list[str]) -> None:
    _check(len(set(names)) == len(names), "a part is there twice")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    _check_once([key for key, _ in pairs])
    return dict(pairs)


def _refused(_constant: str) -> float:
    raise ValueError("a number is not finite")


def _number(text: str) -> float:
    number = float(text)
    _check(math.isfinite(number), "a number is not finite")
    return number


def _fields(document: object, *names: str) -> dict[str, Any]:
    if not isinstance(document, dict):
        raise ValueError("a part is missing")  # noqa: TRY004 - one kind of error for every file
    _check(set(document) == set(names), "fields are missing or unknown")
    return document


def _list(document: object, length: int) -> list[Any]:
    if not isinstance(document, list) or len(document) != length:
        raise ValueError("a list has another length")
    return document


def _each(document: object, read: Callable[[object], _Value]) -> list[_Value]:
    if not isinstance(document, list):
        raise ValueError("a list is missing")  # noqa: TRY004 - as above
    return [read(each) for each in document]


def _string(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("a text is missing")  # noqa: TRY004 - as above
    return value


def _text(value: object, pattern: re.Pattern[str]) -> str:
    text = _string(value)
    _check(pattern.fullmatch(text) is not None, "a text has another form")
    return text


def _one_of(value: object, names: tuple[str, ...]) -> str:
    text = _string(value)
    _check(text in names, "a name is not known")
    return text


def _count(value: object) -> int:
    """Return a number of patients that may be published."""
    if type(value) is not int or not FEWEST <= value <= _MOST:
        raise ValueError(f"a count is below {FEWEST}, or not a number")
    return value


def _real(value: object) -> float:
    if type(value) not in {int, float}:
        raise ValueError("a number is missing")
    assert isinstance(value, int | float)  # noqa: S101 - for the type checker
    _check(abs(value) <= _LARGEST, "a number is too large")
    return float(value)
