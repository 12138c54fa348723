"""The clinic's own memory of its shares: its key, and every share that left it.

It is one file in the user's state folder, readable by this user alone, for all records that this
user shared from. It holds nothing that a share has not published, but the key and a number of
patients. Whoever can change the file, or shares the same records as another user or on another
machine, is not held by it.
"""

import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace

from dosing import UserError
from monitoring.pooling.share import EarlierShare, MeasureSums
from monitoring.pooling.share_file import partitions_document, partitions_from
from monitoring.store.state_folder import keep_in_state_folder, state_folder

_FILE = "shares.json"
_FORMAT = 1
_SEED = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class ShareLog:
    """The key of some records, as 64 hexadecimal digits, and their shares, oldest first."""

    seed: str
    shares: tuple[EarlierShare, ...] = ()

    @property
    def private_key(self) -> bytes:
        """The private key: 32 bytes."""
        return bytes.fromhex(self.seed)


def share_log(records: str) -> ShareLog:
    """Return the log of some records, with a new key if they were never shared.

    Raises `UserError` for a damaged file: a log that is begun again would forget what was shared.
    """
    found = _kept().get(records)
    return ShareLog(secrets.token_hex(32)) if found is None else found


def keep_share(records: str, log: ShareLog, share: EarlierShare) -> None:
    """Keep one more share in the log of some records.

    Raises `UserError` where that is impossible, and for a log that another share changed since.
    """
    logs = dict(_kept())
    if logs.get(records, log) != log or (log.shares and records not in logs):
        raise UserError("Another share was written in the meantime. Nothing was shared: try again.")
    logs[records] = replace(log, shares=(*log.shares, share))
    text = json.dumps(
        {
            "format": _FORMAT,
            "records": {
                key: {
                    "key": each.seed,
                    "shares": [
                        {
                            "treated": one.treated,
                            "joined": one.joined,
                            "partitions": partitions_document(one.partitions),
                            "measures": [asdict(each) for each in one.measures],
                            "fitted": dict(one.fitted),
                        }
                        for one in each.shares
                    ],
                }
                for key, each in logs.items()
            },
        }
    )
    try:
        keep_in_state_folder(_FILE, text)
    except OSError as error:
        raise UserError(
            f"{state_folder()} cannot be written ({error.strerror}). Nothing was shared: the share "
            "must be remembered."
        ) from None


def _kept() -> Mapping[str, ShareLog]:
    file = state_folder() / _FILE
    try:
        document = json.loads(file.read_text(encoding="ascii"))
        if document["format"] != _FORMAT:
            raise ValueError(_FORMAT)  # noqa: TRY301 - answered with all other damage
        return {key: _log(each) for key, each in document["records"].items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise UserError(
            f"{file} cannot be read. It remembers what was shared: restore it from a backup."
        ) from None


def _log(document: Mapping[str, object]) -> ShareLog:
    seed, shares = document["key"], document["shares"]
    if not (isinstance(seed, str) and _SEED.fullmatch(seed) and isinstance(shares, list)):
        raise ValueError(_FILE)
    return ShareLog(seed, tuple(_logged(each) for each in shares))


def _logged(document: Mapping[str, object]) -> EarlierShare:
    treated, joined = document["treated"], document["joined"]
    measures, fitted = document["measures"], document["fitted"]
    if not (isinstance(treated, int) and isinstance(joined, int)):
        raise ValueError(_FILE)  # noqa: TRY004 - one kind of error for a damaged file
    if not (isinstance(measures, list) and isinstance(fitted, dict)):
        raise ValueError(_FILE)  # noqa: TRY004 - as above
    return EarlierShare(
        treated=treated,
        joined=joined,
        partitions=partitions_from(document["partitions"]),
        measures=tuple(
            MeasureSums(
                key=str(each["key"]),
                n=int(each["n"]),
                total=float(each["total"]),
                squares=float(each["squares"]),
            )
            for each in measures
        ),
        fitted={str(key): int(n) for key, n in fitted.items()},
    )
