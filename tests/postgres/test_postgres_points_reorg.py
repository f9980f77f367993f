"""Blocks that the chain takes back, on a PostgreSQL: its journal forgets their answers too."""

from __future__ import annotations

from tests.integration.test_points_reorg import *  # noqa: F403  every test of the module
from tests.integration.test_points_reorg_credits import *  # noqa: F403  and of this
from tests.integration.test_points_reorg_refunds import *  # noqa: F403  and of this
