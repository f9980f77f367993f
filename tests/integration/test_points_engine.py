"""The settlement engine: orders from any thread, one final answer to each."""

from __future__ import annotations

import json
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace

import pytest

from counterfoil.errors import Refused, Unavailable
from counterfoil.points.batches import Batching
from counterfoil.points.engine import Engine
from counterfoil.points.gas import GasBook
from counterfoil.points.ledger import Mark
from counterfoil.points.outcomes import Outcome
from counterfoil.points.signedfile import SignedOrder, signed_order
from tests.support.cut_line import Line
from tests.support.points_office import Office, order, reasons

pytestmark = pytest.mark.usefixtures("credited")
SECONDS = 30


def engine(office: Office, **batching: int | float) -> Engine:
    settings = replace(Batching(), **batching)  # type: ignore[arg-type]  # names are checked
    return office.desk.engine(lambda _: None, batching=settings)


def signed(office: Office, *rows: str) -> list[SignedOrder]:
    return [signed_order(json.loads(line)) for line in office.lines(*rows)]


def results(answers: list[Future[Outcome]]) -> list[Outcome]:
    return [answer.result(SECONDS) for answer in answers]


def settlements(office: Office) -> int:
    return office.events("BatchSettled")


def test_submit_answersFromAnyThread(office: Office) -> None:
    orders = signed(office, *(order(f"A-{i}") for i in range(8)), order("B", 400))

    with engine(office) as running, ThreadPoolExecutor(3) as threads:
        answers = results(list(threads.map(running.submit, orders)))

    assert reasons(answers) == [None] * 8 + ["points-minimum"]
    assert [answer.order_ref for answer in answers] == [one.order_ref for one in orders]
    assert office.points() == 1000
    marks = office.marks([one.row for one in orders])
    assert marks == [Mark.FINALIZED] * 8 + [Mark.REJECTED]


def test_submitAll_gathersABatchByCount(office: Office) -> None:
    orders = signed(office, *(order(f"A-{i}") for i in range(5)))

    with engine(office, orders=2, milliseconds=60_000) as running:
        answers = results(running.submit_all(orders)[:4])

    assert len({answer.transaction for answer in answers}) == 2
    assert settlements(office) == 3  # the fifth is answered when the engine closes


def test_submit_waitsNoLongerThanItsMilliseconds(office: Office) -> None:
    (first,) = signed(office, order("A"))

    with engine(office, milliseconds=1) as running:
        assert results([running.submit(first)])[0].status == "paid"


def test_submitAll_splitsByLinesAndByGas(office: Office) -> None:
    orders = signed(office, *(order(f"A-{i}") for i in range(4)))
    most = office.chain.transaction_gas()

    with engine(office, lines=3) as running:
        results(running.submit_all(orders[:2] + orders[2:3]))
    with engine(office, gas_share=250_000 / most) as running:
        results(running.submit_all(orders[3:]))

    assert settlements(office) == 2

    more = signed(office, *(order(f"B-{i}") for i in range(3)))
    with engine(office, gas_share=250_000 / most) as running:
        results(running.submit_all(more))
    assert settlements(office) == 5


def test_transactionGas_isABlocksAndNoMoreThanChainsAllow(office: Office) -> None:
    chain = office.chain
    usual = int(chain.request("eth_getBlockByNumber", "latest", False)["gasLimit"], 16)
    try:
        for block, transaction in ((30_000_000, 2**24), (2**24 - 1, 2**24 - 1)):
            chain.request("evm_setBlockGasLimit", hex(block))
            chain.request("evm_mine")
            assert chain.transaction_gas() == transaction
    finally:
        chain.request("evm_setBlockGasLimit", hex(usual))
        chain.request("evm_mine")


def test_submit_letsTheSameOrderFollowTheFirst(office: Office) -> None:
    (first,) = signed(office, order("A"))
    renamed = replace(first, order_ref="B")
    forged = replace(first, signature=bytes(65), row="{}")

    with engine(office, orders=1) as running:
        answers = results(running.submit_all([first, first, renamed, forged]))
        later = results([running.submit(first)])

    assert reasons(answers) == [None, None, None, "bad-signature"]
    assert [answer.replayed for answer in answers] == [False, True, True, False]
    assert [answer.order_ref for answer in answers] == ["A", "A", "B", "A"]
    assert later == [replace(answers[0], replayed=True)]
    assert office.points() == 4500


def test_submit_answersAForgedOrderAndTheRealOneBehindIt(office: Office) -> None:
    (real,) = signed(office, order("A"))
    forged = replace(real, signature=bytes(65), row="{}")

    with engine(office) as running:
        answers = results(running.submit_all([forged, real]))

    assert reasons(answers) == ["bad-signature", None]


def test_submit_saysNoIfTooManyWaitOrItIsClosed(office: Office) -> None:
    orders = signed(office, order("A"), order("B"))
    running = engine(office, waiting=1)

    with pytest.raises(Unavailable, match="Too many"):
        running.submit_all(orders)
    running.start().close()
    with pytest.raises(Unavailable, match="no more"):
        running.submit(orders[0])


def test_engine_failsABatchAndGoesOn(office: Office) -> None:
    first, second = signed(office, order("A"), order("B"))

    with engine(office, orders=1) as running:
        office.act("pause")
        with pytest.raises(Refused, match="EnforcedPause"):
            running.submit(first).result(SECONDS)
        office.act("unpause")
        answers = results(running.submit_all([second, first]))

    assert reasons(answers) == [None, None]
    assert office.points() == 4000


def test_engine_goesOnWhenTheChainIsBack(office: Office, line: Line) -> None:
    first, second = signed(office, order("A"), order("B"))

    with engine(office, orders=1) as running:
        line.cut_at("eth_sendRawTransaction", after=1, delivered=True)
        with pytest.raises(Unavailable):
            running.submit(first).result(SECONDS)
        line.mend()
        answers = results(running.submit_all([first, second]))

    assert reasons(answers) == [None, None]
    assert office.points() == 4000


def test_close_stopsAtOnceIfTold(office: Office) -> None:
    orders = signed(office, *(order(f"A-{i}") for i in range(6)))
    office.chain.request("evm_setAutomine", False)
    running = engine(office, orders=2).start()
    answers = running.submit_all(orders)

    running.close(abandon=True)
    office.chain.request("evm_setAutomine", True)

    assert all(isinstance(answer.exception(0), Unavailable) for answer in answers)
    with engine(office) as again:
        assert {answer.status for answer in results(again.submit_all(orders))} == {"paid"}
    assert office.points() == 2000


def test_engine_splitsABatchThatHadTooLittleGas(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders = signed(office, *(order(f"A-{i}") for i in range(5)))
    monkeypatch.setattr(GasBook, "limit", lambda _, orders, wallets: 60_000)

    with engine(office) as running:
        answers = results(running.submit_all(orders))

    assert reasons(answers) == [None] * 5
    assert len({answer.transaction for answer in answers}) == 2
