"""What the registry tells out of its storage is what the contract tells."""

from __future__ import annotations

from pathlib import Path

from eth_utils.crypto import keccak

from counterfoil.keys import Signer
from counterfoil.tickets import lifecycle
from counterfoil.tickets.desk import Desk
from counterfoil.tickets.layout import number_in, quorum_in, slot_of
from counterfoil.tickets.registry import Action
from tests.support import ticket_layout
from tests.support.cases import NOW, row
from tests.support.intake import Opener
from tests.support.ticket_cases import grant

_NOBODYS = [bytes(32), b"\x01" * 32, b"\xff" * 32]


def test_standing_namesTheTicketsThatThereAre(desk: Desk, opener: Opener) -> None:
    opened = opener(*(row(channel_ref=f"A-{number}", serial=str(number)) for number in range(3)))
    minted = [one.token_id for one in opened if one.token_id]
    lifecycle.move(desk, minted[1], Action.WITHDRAW, now=NOW, note="by mistake")
    asked = [minted[2], *_NOBODYS, *minted]

    assert desk.registry.standing(asked) == set(minted)
    assert desk.registry.standing_now(asked) == (set(minted), desk.registry.now())
    found = desk.registry.tickets(asked)
    assert {one.token_id for one in found if one} == set(minted)
    assert desk.registry.standing(_NOBODYS) == set()
    assert desk.registry.standing([]) == set()


def test_holds_saysWhoHasARole(desk: Desk, tmp_path: Path) -> None:
    contract = desk.registry._contract
    somebody = Signer.generate().address
    accounts = [desk.intake.address, desk.staff.address, desk.verifiers[0].address, somebody]

    def told() -> list[bool]:
        """In the contract's words, which the registry's are held to."""
        names = ("INTAKE_ROLE", "VERIFIER_ROLE", "RESOLVER_ROLE")
        pairs = [(name, account) for name in names for account in accounts]
        answers = [contract.call("hasRole", keccak(text=name), one) for name, one in pairs]
        assert [desk.registry.holds(*pair) for pair in pairs] == answers
        return answers

    before = told()
    assert 0 < sum(before) < len(before)
    grant(desk, tmp_path, "VERIFIER_ROLE", somebody)
    assert sum(told()) == sum(before) + 1


def test_terms_areTheContractsQuorumAndTheLatestBlocksTime(desk: Desk, tmp_path: Path) -> None:
    admin = Signer.from_hex((tmp_path / "state" / "keys" / "tickets-admin").read_text())
    contract = desk.registry._contract
    for quorum in (255, 1):
        contract.send(admin, "setQuorum", quorum)
        assert desk.registry.terms()[0] == contract.call("quorum") == quorum
        contract.send(admin, "pause")  # which shares its slot
        assert desk.registry.terms() == (quorum, desk.registry.now())
        contract.send(admin, "unpause")
    assert (quorum_in("0x"), quorum_in("0x" + "00" * 32)) == (0, 0)


def test_numberIn_readsWordsOfEveryNode() -> None:
    for word in ("0x", "0x0", "0x" + "00" * 32):
        assert number_in(word) == 0
    for word in ("0x1f", "0x" + "1f".rjust(64, "0")):  # Ganache leaves out what leads
        assert number_in(word) == 31


def test_slotOf_agreesWithASecondReckoning() -> None:
    for token_id in (*_NOBODYS, bytes(range(32))):
        number = int.from_bytes(token_id)
        assert int.from_bytes(slot_of(token_id)) == ticket_layout.slot_of(number)
