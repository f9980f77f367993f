"""Record 3 on a PostgreSQL."""

from __future__ import annotations

from tests.integration.test_points_finalize import *  # noqa: F403  every test of the module
