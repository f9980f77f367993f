"""Refunds compared on a PostgreSQL."""

from __future__ import annotations

from tests.integration.test_points_reconcile_refunds import *  # noqa: F403  every test of the module
