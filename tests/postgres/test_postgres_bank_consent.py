"""The customer's consent on a PostgreSQL: asked and answered there as on a SQLite."""

from __future__ import annotations

from tests.web.test_bank_consent import *  # noqa: F403  every test of the module
