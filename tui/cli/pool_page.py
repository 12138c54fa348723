"""The pooled report of several clinics as a page for the terminal."""

from monitoring.pooling.pool import PooledReport
from tui.cli.page import print_parts
from tui.rich_page import pool_parts


def print_pool(report: PooledReport) -> None:
    """Print the clinics together, compared with Nadal 2016."""
    print_parts(*pool_parts(report))
