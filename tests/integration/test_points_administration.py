"""Rules, terminals and lapsing from the shell."""

from __future__ import annotations

import pytest

from counterfoil.points.ledger import Mark
from tests.support.points_office import RULES, Office, order
from tests.support.shell import Shell

DAY = 86_400
ADDRESS = "0x95B08567Fe848e74B810fB71f70ce9b9a7b04588"


def test_rules_are_shown_by_the_names_of_their_file(shell: Shell) -> None:
    row = shell.rows("rules", "show", "--json")[0]

    assert (row["version"], row["points"], row["minor_units"]) == (1, 100, 67)
    assert (row["max_order"], row["restored"]) == ("200.00", "grace:30")


def test_rules_are_published_as_a_new_version_once(shell: Shell) -> None:
    file = shell.file("rules.toml", RULES.replace("refund_days = 180", "refund_days = 90"))

    first = shell.rows("rules", "publish", file, "--json")
    second = shell.rows("rules", "publish", file, "--json")

    assert first == [{"bank": "harbour", "version": 2, "replayed": False}]
    assert second == [{"bank": "harbour", "version": 2, "replayed": True}]
    assert shell.rows("rules", "show", "--json")[0]["refund_days"] == 90
    assert shell.rows("rules", "show", "1", "--json")[0]["refund_days"] == 180


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [('"CNY"', '"JPY"', "currency"), ("lot_days = 183", "lot_days = 184", "lot_days")],
)
def test_rules_that_change_what_is_fixed_are_refused(
    shell: Shell, old: str, new: str, field: str
) -> None:
    file = shell.file("rules.toml", RULES.replace(old, new))

    shell.refuses("rules", "publish", file, status=2, saying=[field])


def test_rules_that_were_never_published_are_refused(shell: Shell) -> None:
    shell.refuses("rules", "show", "2", status=2, saying=["VERSION", "version 1 is the last"])


def test_a_disabled_terminal_places_no_orders_until_it_is_enabled(shell: Shell) -> None:
    office = shell.office
    office.issue(office.credit("R-1"))
    lines = office.lines(order("A"))

    assert shell.run("terminal", "disable", "till-1")[0] == 0
    assert [answer.reason for answer in office.redeem(lines)] == ["unknown-terminal"]
    shell.refuses("points", "offers", "C-1", "till-1", status=1, saying=["till-1 is disabled"])

    assert shell.run("terminal", "enable", "till-1")[0] == 0
    assert [answer.status for answer in office.redeem(lines)] == ["paid"]


def test_the_old_key_of_a_terminal_signs_for_it_no_more(shell: Shell) -> None:
    office = shell.office
    office.issue(office.credit("R-1"))
    lines = office.lines(order("A"))

    assert shell.run("terminal", "rotate", "till-1", "--key", ADDRESS)[0] == 0

    assert [answer.reason for answer in office.redeem(lines)] == ["bad-signature"]
    assert office.marks(lines) == [Mark.UNUSED]


@pytest.mark.parametrize("key", ["0x12", "0x" + "0" * 40, "till-2"])
def test_a_key_that_is_no_address_is_refused(shell: Shell, key: str) -> None:
    shell.refuses("terminal", "rotate", "till-1", "--key", key, status=2, saying=["--key"])


def test_a_terminal_that_the_bank_does_not_know_is_refused(shell: Shell) -> None:
    shell.refuses("terminal", "disable", "till-7", status=2, saying=["till-7", "till-1, till-2"])


def test_what_is_due_lapses_when_it_is_swept(shell: Shell, office: Office) -> None:
    office.issue(office.credit("R-1", 700))
    office.chain.request("evm_increaseTime", 6 * 183 * DAY)
    office.chain.request("evm_mine")
    due = shell.rows("points", "statement", "C-1", "--json")[-1]

    assert (due["movement"], due["points"], due["balance"]) == ("due", -700, 0)
    assert shell.rows("points", "sweep", "C-1", "C-9", "--json") == [{"accounts": 2, "lapsed": 700}]
    assert shell.rows("points", "statement", "C-1", "--json")[-1]["movement"] == "lapsed"
    assert shell.rows("points", "sweep", "C-1", "--json") == [{"accounts": 1, "lapsed": 0}]


def test_a_frozen_account_pays_again_once_it_is_thawed(shell: Shell) -> None:
    office = shell.office
    office.issue(office.credit("R-1"))

    assert shell.run("points", "freeze", "C-1")[0] == 0
    assert [answer.reason for answer in office.redeem(office.lines(order("A")))] == ["frozen"]
    assert shell.run("points", "freeze", "C-1", "--thaw")[0] == 0
    assert [answer.status for answer in office.redeem(office.lines(order("B")))] == ["paid"]


def test_small_acts_answer_scripts_and_say_if_nothing_changed(shell: Shell) -> None:
    for words, answer in (
        (("terminal", "disable", "till-1"), {"terminal": "till-1", "enabled": False}),
        (("terminal", "enable", "till-1"), {"terminal": "till-1", "enabled": True}),
        (
            ("terminal", "rotate", "till-1", "--key", ADDRESS),
            {"terminal": "till-1", "key": ADDRESS},
        ),
        (("points", "freeze", "C-1"), {"customer_id": "C-1", "frozen": True}),
        (("points", "freeze", "C-1", "--thaw"), {"customer_id": "C-1", "frozen": False}),
    ):
        assert shell.rows(*words, "--json") == [answer | {"replayed": False}]
        assert shell.rows(*words, "--json") == [answer | {"replayed": True}]


def test_rules_are_explained_in_sentences(shell: Shell) -> None:
    (row,) = shell.rows("rules", "explain", "--json")

    assert shell.run("rules", "explain")[1].splitlines() == row["sentences"]


@pytest.mark.parametrize(("option", "value"), [("--price", "1,5"), ("--price", "0")])
def test_an_example_that_cannot_be_worked_through_is_refused(
    shell: Shell, option: str, value: str
) -> None:
    shell.refuses("rules", "explain", option, value, status=2, saying=[f"{option}: "])


def test_an_example_of_a_customer_in_debt_is_refused(shell: Shell) -> None:
    status, out, err = shell.run("rules", "explain", "--points", "-5")

    assert (status, out) == (2, "")
    assert "--points" in err
