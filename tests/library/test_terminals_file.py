"""``terminals.toml``: catalogues in their order, and terminals that use them."""

from __future__ import annotations

from pathlib import Path

import pytest

from counterfoil.errors import BadInput
from counterfoil.points.terminals import Item, Terminal, Terminals, read_terminals

CAFE = '[catalogues.cafe]\nespresso = "3.00"\ngift-card = "0.00"\n'
TILL = '[terminals.till-1]\ncatalogue = "cafe"\n'
ADDRESS = "0x95B08567Fe848e74B810fB71f70ce9b9a7b04588"


def read(folder: Path, text: str) -> Terminals:
    file = folder / "terminals.toml"
    file.write_text(text, "utf-8")
    return read_terminals(file, "CNY")


def test_readTerminals_isWhatTheFileSays(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        CAFE + TILL + f'[terminals.till-2]\ncatalogue = "cafe"\naddress = "{ADDRESS.lower()}"\n',
    )

    assert found == Terminals(
        catalogues={"cafe": (Item("espresso", 300), Item("gift-card", 0))},
        terminals=(Terminal("till-1", "cafe", None), Terminal("till-2", "cafe", ADDRESS)),
    )


def test_readTerminals_judgesCapsOnBothSides(tmp_path: Path) -> None:
    most = read(tmp_path, CAFE.replace("3.00", "10995116277.75") + TILL)
    assert most.catalogues["cafe"][0].cap == 2**40 - 1

    for cap in ("10995116277.76", "-1", "1.001", "3,00", ""):
        with pytest.raises(BadInput, match="espresso"):
            read(tmp_path, CAFE.replace("3.00", cap) + TILL)
    with pytest.raises(BadInput, match="espresso"):
        read(tmp_path, CAFE.replace('"3.00"', "3.00") + TILL)


def test_readTerminals_refusesACatalogueThatIsNotThere(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no catalogue 'market' in this file") as caught:
        read(tmp_path, CAFE + TILL.replace('"cafe"', '"market"'))

    assert caught.value.field == "terminals.till-1.catalogue"
    assert caught.value.fix == "Name one of: cafe."


@pytest.mark.parametrize(
    "address",
    [
        *("", "0x", ADDRESS[:-1], ADDRESS + "0", ADDRESS[:-1] + "G", "0x" + "00" * 20),
        "0x" + ADDRESS[2:].swapcase(),  # the capitals of another address
    ],
)
def test_readTerminals_refusesWhatIsNoAddress(tmp_path: Path, address: str) -> None:
    with pytest.raises(BadInput, match="not an address") as caught:
        read(tmp_path, CAFE + TILL + f'address = "{address}"\n')

    assert caught.value.field == "terminals.till-1.address"


def test_readTerminals_refusesOneAddressForTwo(tmp_path: Path) -> None:
    second = TILL.replace("till-1", "till-2") + f'address = "{ADDRESS.lower()}"\n'

    with pytest.raises(BadInput, match="is the address of till-1 too"):
        read(tmp_path, CAFE + TILL + f'address = "{ADDRESS}"\n' + second)


@pytest.mark.parametrize("name", ["t", "T.1_a-b", "x" * 32])
def test_readTerminals_takesANameThatCanNameAKey(tmp_path: Path, name: str) -> None:
    found = read(tmp_path, CAFE + TILL.replace("till-1", f'"{name}"'))

    assert found.terminals[0].name == name


@pytest.mark.parametrize("name", ["", "x" * 33, "-t", ".t", "../t", "t 1", "tä"])
def test_readTerminals_refusesAnotherName(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadInput, match="terminals"):
        read(tmp_path, CAFE + TILL.replace("till-1", f'"{name}"'))


@pytest.mark.parametrize("text", [CAFE, TILL, "", CAFE + TILL + "colour = 1\n"])
def test_readTerminals_refusesAPartThatIsMissingOrUnknown(tmp_path: Path, text: str) -> None:
    with pytest.raises(BadInput):
        read(tmp_path, text)
