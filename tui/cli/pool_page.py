"""The pages of several clinics together, on the terminal."""

from monitoring.pooling.clinic_levels import ClinicLevels
from monitoring.pooling.pool import PooledReport
from tui.cli.page import print_parts
from tui.pooled_pages import clinic_levels_parts, pool_parts


def print_pool(report: PooledReport) -> None:
    """Print the clinics together, compared with Nadal 2016."""
    print_parts(*pool_parts(report))


def print_clinic_levels(found: ClinicLevels) -> None:
    """Print the levels of many clinics, those of all patients last."""
    print_parts(*clinic_levels_parts(found))
