"""What is under way, compared on a PostgreSQL."""

from __future__ import annotations

from tests.integration.test_points_reconcile_under_way import *  # noqa: F403  every test of the module
