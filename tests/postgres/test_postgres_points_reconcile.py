"""Journal, file and chain compared on a PostgreSQL: as loud about each thing amiss."""

from __future__ import annotations

from tests.integration.test_points_reconcile import *  # noqa: F403  every test of the module
