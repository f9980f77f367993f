"""Runs that break off on a PostgreSQL: repaired by running again there too."""

from __future__ import annotations

from tests.integration.test_points_crashes import *  # noqa: F403  every test of the module
