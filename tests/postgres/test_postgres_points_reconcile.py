"""Journal, file and chain compared on a PostgreSQL: as loud about each thing amiss."""

from __future__ import annotations

from tests.integration.test_points_reconcile import *  # noqa: F403  every test of the module
from tests.integration.test_points_reconcile_journal import *  # noqa: F403  and of these
