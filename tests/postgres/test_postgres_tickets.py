"""Intake, outbox, steps that are cut off, and their journals on a PostgreSQL."""

from __future__ import annotations

from tests.library.test_intake import *  # noqa: F403  every test of the module
from tests.library.test_intake import test_journal_holdsNothingOfTheCustomer as _reads_sqlite
from tests.library.test_leftovers import *  # noqa: F403  every test of the module
from tests.library.test_outbox import *  # noqa: F403  every test of the module
from tests.library.test_outbox import test_told_isKeptWithoutTheAnswer as _reads_sqlite_too

for _test in (_reads_sqlite, _reads_sqlite_too):
    del globals()[_test.__name__]
