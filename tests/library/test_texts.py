"""The catalogue of texts: every key that a page uses is there, and every key is used."""

from __future__ import annotations

import re
import string
from html import unescape
from itertools import product
from typing import get_args

import pytest

from counterfoil.artifacts import ROOT
from counterfoil.bank import customer_view
from counterfoil.bank.intake import SENTENCES
from counterfoil.bank.problems import STATUS
from counterfoil.bank.wire import OrderStatus
from counterfoil.bank.wire_customers import Confirmation
from counterfoil.errors import BadInput, Refused
from counterfoil.points.reasons import Reason
from counterfoil.terminal import views
from counterfoil.terminal.sales import Stage
from counterfoil.web.texts import LANGUAGES, Texts, english

_LITERAL = re.compile(r"""\b(?:t|texts|rich)\(\s*f?["']([a-z.{}_-]+)["']\s*(~)?""", re.IGNORECASE)
_HEADLINES = ("bank-away", "chain-away", "trouble", "cancelling", "completing", "asked")
_RAISED = re.compile(r"""(?:\brefused\(\s*|\bcode=)["']([a-z-]+)["']""")
OWN_WORDS = (
    "frozen",
    "insufficient-points",
    "account-day-cap",
    "confirmation-declined",
    "confirmation-expired",
)
LIMITS = (  # of an offer, but for the items themselves
    *(Reason.ORDER_CAP, Reason.ACCOUNT_DAY_CAP, Reason.TERMINAL_DAY_CAP),
    Reason.INSUFFICIENT_POINTS,
)
_NOT_WORDS = re.compile(
    r"\{% block (?:live|width|watched) %\}.*?\{% endblock %\}|\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}",
    re.DOTALL,
)
_CODE = re.compile(r'<pre class="code".*?</pre>', re.DOTALL)  # what is typed into a shell
_SAID = re.compile(r'"((?:placed|answered|ended)-[a-z]+|waits)"')


def sources() -> str:
    """Everything that may name a key."""
    rooms = ("terminal", "web", "bank")
    files = [
        file
        for room in rooms
        for kind in ("*.py", "*.html")
        for file in (ROOT / "counterfoil" / room).rglob(kind)
    ]
    return "\n".join(file.read_text(encoding="utf-8") for file in files)


def answered() -> set[str]:
    """The codes under which a bank says no to a till: of the ledger, of the node's own, of the
    errors that any module of the node raises. What comes with a status that the till takes for
    "away", what only customers' links end with, and what a node doesn't start with is no answer
    to a till."""
    bank = (ROOT / "counterfoil" / "bank").glob("*.py")
    raised = {code for file in bank for code in _RAISED.findall(file.read_text(encoding="utf-8"))}
    assert {"not-allowed", "unknown-item"} <= raised
    found = {reason.code for reason in Reason if reason} | set(SENTENCES) | set(STATUS) | raised
    found |= {BadInput.default_code, Refused.default_code}
    found -= {"internal", "too-slow", "too-many", "other-links-key"}
    return found - {"confirmation-ended", "link-ended"}


def families() -> set[str]:
    """The keys that are put together from a state, a reason or a record."""
    shapes = ("short", "title", "said")
    stages = {*(stage.value for stage in Stage), *_HEADLINES}
    found = {f"stage.{stage}.{shape}" for stage, shape in product(sorted(stages), shapes)}
    found |= {f"reason.{code}" for code in answered()}
    found |= {f"customer.reason.{code}" for code in OWN_WORDS}
    states = {*get_args(OrderStatus), "completed", "refunded", "given-back", "cancelled"}
    found |= {f"customer.state.{state}.{shape}" for state, shape in product(states, shapes)}
    for module, before in ((views, "record.said."), (customer_view, "customer.record.")):
        text = (ROOT / f"{module.__name__.replace('.', '/')}.py").read_text(encoding="utf-8")
        found |= {before + said for said in _SAID.findall(text)}
    confirm = get_args(Confirmation.model_fields["state"].annotation)
    found |= {f"confirm.state.{state}.{shape}" for state, shape in product(confirm, shapes[:2])}
    found |= {f"confirm.state.{state}.said" for state in confirm if state != "waiting"}
    found |= {f"line.{name}-{how}" for name in ("bank", "chain") for how in ("answers", "away")}
    found |= {f"record.{name}" for name in ("placed", "answered", "ended")}
    found |= {f"sale.{name}" for name in ("by-points", "to-points", "no-points")}
    found |= {f"payment.limit.{reason.code}" for reason in LIMITS}
    events = ("recorded", "paid", "rejected", "finalized", "cancelled")
    found |= {f"customer.check.event.{event}" for event in events}
    return found


def test_everyKeyThatIsNamedExists() -> None:
    named = [key for key, joined in _LITERAL.findall(sources()) if not joined and "{" not in key]

    assert len(named) > 100
    assert not [key for key in named if not english().has(key)]


def test_everyKeyThatIsPutTogetherExists() -> None:
    assert not {key for key in families() if not english().has(key)}


def test_noKeyIsUnused() -> None:
    text = sources()
    named = {key for key, _ in _LITERAL.findall(text)}
    # Problems and the ends of links are found by the error's code.
    by_code = {
        key
        for key in english().messages
        if key.startswith(("problem.", "customer.gone.")) and f'"{key.split(".")[-2]}"' in codes()
    }

    assert not set(english().messages) - named - families() - by_code - {"reason.other"}


def codes() -> str:
    """Everything that may name an error's code."""
    return sources() + "".join(
        (ROOT / "counterfoil" / file).read_text(encoding="utf-8")
        for file in ("errors.py", "bank/problems.py", "bank/door.py")
    )


def test_templates_sayNothingOfTheirOwn() -> None:
    for file in (ROOT / "counterfoil" / "web" / "templates").rglob("*.html"):
        text = _CODE.sub(" ", _NOT_WORDS.sub(" ", file.read_text(encoding="utf-8")))
        said = re.findall(r">([^<]*)", text)
        said += re.findall(r"""\b(?:alt|title|aria-label|placeholder)=["']([^"']*)""", text)
        assert not [one for one in said if re.search(r"[^\W\d_]{2}", unescape(one))], file


def test_aMissingKeyOrValueIsAnError() -> None:
    with pytest.raises(KeyError):
        english()("no.such.key")
    with pytest.raises(KeyError):
        english()("common.points")


@pytest.mark.parametrize("file", sorted(LANGUAGES.glob("*.toml")), ids=lambda file: file.stem)
def test_everyLanguageHasTheSameKeysAndValues(file: object) -> None:
    texts = Texts.of(file.stem)  # type: ignore[attr-defined]

    assert {key: fields(text) for key, text in texts.messages.items()} == {
        key: fields(text) for key, text in english().messages.items()
    }


def fields(text: str) -> set[str]:
    """The names that a text has filled in."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}
