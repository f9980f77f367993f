"""Keys of their own for a bank's roles, and stopping settlement, from the shell."""

from __future__ import annotations

import pytest

from counterfoil.errors import Unavailable
from counterfoil.roles import Roles
from counterfoil.rollout import ensure
from tests.support.points_office import Office, order, plan
from tests.support.shell import Shell

ROLES = ["rules", "issuer", "settler", "pauser"]
OPERATOR = {role: ["harbour-operator"] for role in ROLES}


def held(shell: Shell) -> dict[str, list[str | None]]:
    """The names of the keys that have each role."""
    rows = shell.rows("points", "role", "list", "--json")
    return {role: [row["key"] for row in rows if row["role"] == role] for role in ROLES}


def test_the_operator_has_every_role_until_one_gets_a_key_of_its_own(shell: Shell) -> None:
    assert held(shell) == OPERATOR

    first = shell.rows("points", "role", "separate", "rules", "--json")
    again = shell.rows("points", "role", "separate", "rules", "--json")

    address = shell.office.state.signer("harbour-rules").address
    assert first == [{"role": "rules", "address": address, "changed": True}]
    assert again == [{"role": "rules", "address": address, "changed": False}]
    assert held(shell) == OPERATOR | {"rules": ["harbour-rules"]}


def test_a_key_is_used_once_it_has_its_role(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    office = shell.office
    office.issue(office.credit("R-1"))
    office.redeem(office.lines(order("A")), finalize=False)

    with monkeypatch.context() as cut:
        cut.setattr(Roles, "grant", broken_off)
        assert shell.run("points", "role", "separate", "settler")[0] == 3
    (back,) = shell.rows("points", "refund", "A", "1.00", "--json")
    (made,) = shell.rows("points", "role", "separate", "settler", "--json")

    assert back["cash"] == "1.00"
    assert made["address"] == office.state.signer("harbour-settler").address
    assert made["changed"] is True


def broken_off(*_: object) -> bool:
    raise Unavailable("cut off")


def test_a_new_chain_gives_every_role_to_its_key(shell: Shell) -> None:
    office = shell.office
    for role in ROLES:
        shell.rows("points", "role", "separate", role, "--json")
    office.state.deployment_file.unlink()
    for role in ROLES:
        office.chain.request("anvil_setBalance", key_address(office, role), "0x0")

    ensure(plan(office.files), office.state, office.chain.url, lambda _: None)

    assert held(shell) == {role: [f"harbour-{role}"] for role in ROLES}


def key_address(office: Office, role: str) -> str:
    return office.state.signer(f"harbour-{role}").address


def test_a_bank_works_with_a_key_for_each_role(shell: Shell) -> None:
    office = shell.office
    for role in ROLES:
        shell.rows("points", "role", "separate", role, "--json")
    ensure(plan(office.files), office.state, office.chain.url, lambda _: None)

    assert held(shell) == {role: [f"harbour-{role}"] for role in ROLES}
    assert [one.status for one in office.issue(office.credit("R-1"))] == ["issued"]
    assert shell.run("terminal", "add", "till-9", "--catalogue", "cafe")[0] == 0
    assert [one.status for one in office.redeem(office.lines(order("A")))] == ["paid"]
    assert shell.run("points", "freeze", "C-1")[0] == 0


def test_what_an_operator_began_is_found_after_its_role_went_to_another_key(shell: Shell) -> None:
    office = shell.office
    office.issue(office.credit("R-1"))
    office.redeem(office.lines(order("A")), finalize=False)
    words = ("points", "refund", "A", "1.00", "--refund-id", "F-1", "--json")
    (sent,) = shell.rows(*words)
    office.tamper("UPDATE refunds SET state = 'sent', since = 0, \"transaction\" = NULL")
    shell.rows("points", "role", "separate", "settler", "--json")

    (found,) = shell.rows(*words)

    assert found["transaction"] == sent["transaction"]
    assert office.events("OrderRefunded") == 1


def test_a_role_that_was_taken_is_not_given_back_by_up(shell: Shell) -> None:
    office = shell.office
    taken = shell.rows("points", "role", "revoke", "pauser", "harbour-operator", "--json")
    ensure(plan(office.files), office.state, office.chain.url, lambda _: None)

    assert taken[0]["changed"] is True
    assert held(shell)["pauser"] == []
    shell.refuses("points", "pause", status=1, saying=["AccessControlUnauthorizedAccount"])
    given = shell.rows("points", "role", "grant", "pauser", "harbour-operator", "--json")
    assert given[0]["changed"] is True
    assert shell.run("points", "pause")[0] == 0


def test_nothing_is_settled_while_a_ledger_is_paused(shell: Shell) -> None:
    office = shell.office
    office.issue(office.credit("R-1"))
    signed = shell.file("signed.jsonl", "\n".join(office.lines(order("A"))) + "\n")

    paused = shell.rows("points", "pause", "--json")
    again = shell.rows("points", "pause", "--json")
    status, out, err = shell.run("points", "redeem", signed, "--json")
    went_on = shell.rows("points", "unpause", "--json")

    assert (status, out) == (1, "")
    assert "EnforcedPause(). It is paused" in err
    assert paused == [{"bank": "harbour", "paused": True, "replayed": False}]
    assert again == [{"bank": "harbour", "paused": True, "replayed": True}]
    assert went_on == [{"bank": "harbour", "paused": False, "replayed": False}]
    assert [row["status"] for row in shell.rows("points", "redeem", signed, "--json")] == ["paid"]
