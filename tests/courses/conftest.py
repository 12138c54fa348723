"""Records of their own for the commands, as for the tests of the commands."""

from tests.tui.conftest import records, zone

__all__ = ["records", "zone"]
