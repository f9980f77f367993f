"""Refunds on a PostgreSQL: the journal keeps every promise there too."""

from __future__ import annotations

from tests.integration.test_points_refunds import *  # noqa: F403  every test of the module
