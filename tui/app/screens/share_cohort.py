"""The share of the clinic's figures: a signed file for a pool of several clinics."""

from functools import partial
from pathlib import Path
from typing import ClassVar

from textual import work
from textual.binding import BindingType

from tui.app.actions import bound
from tui.app.screens.form_screen import Done
from tui.app.screens.maintenance import MaintenanceScreen
from tui.app.screens.print_out import read_path
from tui.app.widgets.field import Field
from tui.app.widgets.question import ConfirmScreen


class ShareCohort(MaintenanceScreen):
    """A form that writes the clinic's figures to a new file, or counts what it would have."""

    HEADING = "Share the clinic's figures"
    ABOUT = (
        "Writes a signed file for a pool of several clinics, without a patient. No count in it is "
        "of fewer than 5 patients, and a new share needs 5 new patients. It hides counts that are "
        "close to an earlier share: share rarely, and preview it first."
    )
    DOING = "Counting"
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("store", "share", "Share"),
        bound("back", "back"),
        bound("preview", "preview", "Preview"),
    ]

    def __init__(self) -> None:
        """Begin without a file: its place is for a person to choose."""
        super().__init__(Field("File", read_path, example="a new file, share.json", id="file"))

    def action_preview(self) -> None:
        """Count what a share has now; nothing is written."""
        self.work_on(self._preview)

    def _preview(self) -> Done:
        from monitoring.pooling.sharing import prepare_share  # noqa: PLC0415 - the cohort is heavy
        from reports.presentation.pool import share_words  # noqa: PLC0415 - as above

        prepared = prepare_share(self.session.records.store, self.session.now())
        return Done(f"Nothing was written. A share has {share_words(prepared.share)}")

    @work
    async def action_share(self) -> None:
        """Write the share; ask first where the records are encrypted."""
        from monitoring.store.connection import is_encrypted  # noqa: PLC0415 - is imported by now

        file = self.required("Enter a new file.")
        if file is None:
            return
        question = ConfirmScreen(
            "The records are encrypted and a share is not. Write it nevertheless?",
            no="No",
            yes="Write it plain",
        )
        is_plain = not is_encrypted(self.session.records.store.engine)
        if is_plain or await self.app.push_screen_wait(question):
            self.work_on(partial(self._share, file))

    def _share(self, file: Path) -> Done:
        from monitoring.pooling.sharing import prepare_share  # noqa: PLC0415 - as above
        from reports.presentation.pool import READ_FINGERPRINT, share_words  # noqa: PLC0415 - as above

        prepared = prepare_share(self.session.records.store, self.session.now(), file)
        prepared.write(file)
        return Done(
            f"Written to {file}: {share_words(prepared.share)} Fingerprint of the clinic's key: "
            f"{prepared.fingerprint}. {READ_FINGERPRINT}"
        )
