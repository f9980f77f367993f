"""Any sequence of actions by anybody: the registry does what the model says, or refuses with the
very error and values that the model foretells.

The comparisons are those of :class:`Desk`: events and every ticket after each action.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from counterfoil.chain import Chain
from counterfoil.keys import Signer
from tests.support.ticket_oracle import Oracle, Refusal
from tests.support.ticket_rules import Action, Status, Ticket
from tests.support.ticket_samples import later_digest, opening
from tests.support.tickets import Desk

BEGUN = (
    *(Status.OPEN, Status.IN_PROGRESS, Status.PENDING_CUSTOMER, Status.RESOLVED, Status.CLOSED),
    *(Status.REOPENED, Status.WITHDRAWN, Status.ERASURE_REQUESTED, Status.ERASED),
)
TICKETS = st.integers(0, len(BEGUN) + 1)  # the last two are still to be opened
PEOPLE = st.integers(0, 5)  # resolver, colleague, supervisor, intake, pauser, outsider
MOSTLY_STAFF = st.one_of(st.integers(0, 2), PEOPLE)
WORK = st.one_of(
    st.sampled_from([Action.TAKE, Action.NOTE, Action.ASK, Action.RESOLVE]), st.sampled_from(Action)
)
SELDOM = st.sampled_from([False] * 9 + [True])
ROLES = ["RESOLVER_ROLE", "SUPERVISOR_ROLE", "INTAKE_ROLE", "VERIFIER_ROLE", "PAUSER_ROLE"]
DIGESTS = ["next", "next", "next", "next", "present", "zero"]


class Registry(RuleBasedStateMachine):
    """Every action that anybody can take, at any time."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = replace(desk, tickets=dict(desk.tickets))
        self.snapshot = desk.chain.request("evm_snapshot")
        self.people = (
            *(desk.resolver, desk.colleague, desk.supervisor),
            *(desk.intake, desk.pauser, desk.outsider),
        )
        holders: dict[str, set[str]] = {name: set() for name in ROLES}
        for signer, name in desk.roles():
            if name:
                holders[name].add(signer.address)
        self.oracle = Oracle(holders, desk.quorum, self.desk.tickets)

    def teardown(self) -> None:
        self.desk.chain.request("evm_revert", self.snapshot)

    def expect(self, foretold: Refusal | None, act: Callable[[], object]) -> None:
        """The act goes through, or is refused as it was foretold."""
        if foretold is None:
            act()
        else:
            code, values = foretold
            with self.desk.refuses(code, **values):
                act()

    @rule(
        numbers=st.one_of(st.lists(TICKETS, min_size=1, max_size=4), st.just([])),
        handler=MOSTLY_STAFF,
        by=st.sampled_from([3, 3, 3, 3, 0, 5]),
        signers=st.one_of(st.just([0, 1]), st.lists(st.integers(0, 3), max_size=4)),
    )
    def open_batch(self, numbers: list[int], handler: int, by: int, signers: list[int]) -> None:
        openings = [opening(number) for number in numbers]
        actor, to = self.people[by], self.people[handler].address
        keys = [(*self.desk.verifiers, self.desk.outsider)[one] for one in signers]
        foretold = self.oracle.open_batch(
            actor.address, openings, to, [key.address for key in keys]
        )
        proof = self.desk.proof(openings, keys)
        self.expect(foretold, lambda: self.desk.open_batch(openings, proof, by=actor, handler=to))

    @rule(numbers=st.lists(TICKETS, max_size=3), by=st.sampled_from([3, 3, 5]))
    def seen_again(self, numbers: list[int], by: int) -> None:
        openings, actor = [opening(number) for number in numbers], self.people[by]
        foretold = self.oracle.seen_again(actor.address, openings)
        self.expect(foretold, lambda: self.desk.seen_again(openings, by=actor))

    @rule(
        steps=st.lists(
            st.tuples(TICKETS, WORK, MOSTLY_STAFF, SELDOM, st.sampled_from(DIGESTS)),
            min_size=1,
            max_size=5,
        )
    )
    def work(self, steps: list[tuple[int, Action, int, bool, str]]) -> None:
        for step in steps:
            self.act(*step)

    @rule(steps=st.lists(st.tuples(TICKETS, WORK), min_size=1, max_size=5))
    def work_on_own(self, steps: list[tuple[int, Action]]) -> None:
        """Steps by whoever handles the ticket, so that tickets get far."""
        for number, action in steps:
            held = self.desk.tickets.get(opening(number).token_id, Ticket())
            for place, one in enumerate(self.people):
                if one.address == held.handler:
                    self.act(number, action, place, False, "next")

    def act(self, number: int, action: Action, by: int, stale: bool, digest: str) -> None:
        one, actor = opening(number), self.people[by]
        version, given = self._version(number, stale), self._digest(number, digest, action)
        foretold = self.oracle.act(actor.address, one, action, given, version)
        self.expect(
            foretold, lambda: self.desk.act(actor, one, action, digest=given, version=version)
        )

    @rule(number=TICKETS, by=MOSTLY_STAFF, to=MOSTLY_STAFF, stale=SELDOM)
    def assign(self, number: int, by: int, to: int, stale: bool) -> None:
        one, actor, other = opening(number), self.people[by], self.people[to].address
        version, digest = self._version(number, stale), self._digest(number, "next", Action.NOTE)
        foretold = self.oracle.assign(actor.address, one, other, digest, version)
        self.expect(
            foretold, lambda: self.desk.assign(actor, one, other, digest=digest, version=version)
        )

    @rule(number=TICKETS, by=MOSTLY_STAFF, to=MOSTLY_STAFF)
    def transfer(self, number: int, by: int, to: int) -> None:
        one, actor, other = opening(number), self.people[by], self.people[to].address
        if one.token_id in self.desk.tickets:
            foretold = self.oracle.transfer(actor.address, one, other)
            self.expect(foretold, lambda: self.desk.transfer(actor, one, other))

    @rule(name=st.sampled_from(ROLES), to=st.integers(0, 8), grants=st.booleans())
    def change_role(self, name: str, to: int, grants: bool) -> None:
        account = (*self.people, *self.desk.verifiers)[to].address
        if grants:
            self.desk.grant(name, account)
            self.oracle.holders[name].add(account)
        else:
            self.desk.revoke(name, account)
            self.oracle.holders[name].discard(account)
        self.desk.check()

    @rule(by=st.sampled_from([4, 4, 4, 5]), number=TICKETS, others=st.booleans())
    def pause(self, by: int, number: int, others: bool) -> None:
        """Pause, find every door shut, and go on."""
        self._switch("pause", by)
        if self.oracle.paused:
            self.act(number, Action.NOTE, 2, False, "next")
        self._switch("unpause", by if others else 5)
        if self.oracle.paused:
            self.oracle.holders["PAUSER_ROLE"].add(self.desk.pauser.address)
            self.desk.grant("PAUSER_ROLE", self.desk.pauser.address)
            self._switch("unpause", 4)

    def _switch(self, name: str, by: int) -> None:
        actor: Signer = self.people[by]
        foretold = self.oracle.pause(actor.address, on=name == "pause")
        self.expect(foretold, lambda: self.desk.registry.send(actor, name))
        if foretold is None:
            self.oracle.paused = name == "pause"

    @rule(quorum=st.sampled_from([0, 1, 2, 2, 3]))
    def set_quorum(self, quorum: int) -> None:
        self.desk.registry.send(self.desk.admin, "setQuorum", quorum)
        self.oracle.quorum = quorum

    def _version(self, number: int, stale: bool) -> int:
        return self.desk.tickets.get(opening(number).token_id, Ticket()).version + stale

    def _digest(self, number: int, which: str, action: Action) -> bytes:
        token_id = opening(number).token_id
        held = self.desk.tickets.get(token_id, Ticket())
        if which == "zero":
            return bytes(32)
        if which == "present" or (which == "next" and action is Action.ERASE):
            return held.digest
        return later_digest(token_id, held.version + 1)


def test_registry_followsTheModel(chain: Chain) -> None:
    desk = Desk.deployed(chain, quorum=2)
    for number, status in enumerate(BEGUN):
        desk.bring(opening(number), status)
    run_state_machine_as_test(
        lambda: Registry(desk),
        settings=settings(
            max_examples=15,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
