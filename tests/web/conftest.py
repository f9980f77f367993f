"""Fixtures of the tests over HTTP: real nodes on a real chain."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.conftest import credited, line, office, opened_office, shell
from tests.support.bank_node import ChannelClient, Served, TillClient, channel_key, served
from tests.support.points_office import Office

__all__ = ["credited", "line", "office", "opened_office", "shell"]


@pytest.fixture
def bank(office: Office, credited: None) -> Iterator[Served]:
    """A node of harbour, where C-1 holds 5,000 points."""
    with served(office.state) as node:
        yield node


def till_of(office: Office, url: str, name: str = "till-1") -> TillClient:
    """A till of harbour."""
    signer = office.state.signer(f"terminal-{name}")
    return TillClient(url, name, signer, office.desk.ledger.domain)


@pytest.fixture
def till(office: Office, bank: Served) -> TillClient:
    """till-1 of harbour."""
    return till_of(office, bank.url)


@pytest.fixture
def channel(office: Office, bank: Served) -> ChannelClient:
    """The bank's own channel."""
    return ChannelClient(bank.url, channel_key(office.state))
