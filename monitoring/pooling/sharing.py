"""Sharing: the clinic's figures counted, signed, and written as a new file that is remembered."""

from dataclasses import dataclass
from pathlib import Path

from dosing import UserError
from monitoring.cohort.cohort import counted_cohort
from monitoring.files import placed_file
from monitoring.pooling.share import ClinicShare, EarlierShare, share_of
from monitoring.pooling.share_file import share_text, signed_share_of
from monitoring.pooling.share_log import ShareLog, keep_share, share_log
from monitoring.store.store import Store
from monitoring.times import Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedShare:
    """A share that is counted and signed; `write` makes the file."""

    share: ClinicShare
    text: str
    fingerprint: str
    """Of the clinic's key."""
    records: str
    log: ShareLog
    remembered: EarlierShare

    def write(self, file: Path) -> None:
        """Write a new file, and remember its counts.

        Raises `UserError` for a file that exists or cannot be written.
        """
        with placed_file(file) as part:
            part.write_text(self.text, encoding="utf-8")
            # First the memory of the share: a share that was not remembered is never there.
            keep_share(self.records, self.log, self.remembered)


def prepare_share(store: Store, now: Moment, file: object = None) -> PreparedShare:
    """Return the share that the clinic has now; `file` is named where it cannot be read back.

    Raises `UserError` for records that are not on this machine, and for too few patients.
    """
    records = store.watch.records
    if records is None:
        raise UserError("These records are not kept on this machine. Share from records that are.")
    log = share_log(records)
    counted = counted_cohort(store.records(), now)
    share = share_of(counted, log.shares)
    text = share_text(share, log.private_key)
    return PreparedShare(
        share=share,
        text=text,
        fingerprint=signed_share_of(text.encode(), file).fingerprint,
        records=records,
        log=log,
        remembered=EarlierShare.of(share, len(counted.days_in_range)),
    )
