"""The pages' common parts: headers, forms, files, codes, and the arithmetic in the browser."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import AsyncIterator, Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from counterfoil.artifacts import ROOT
from counterfoil.errors import BadInput, CounterfoilError, Refused, Unavailable
from counterfoil.points.arithmetic import Rate
from counterfoil.web import forms, pages, qr
from counterfoil.web.assets import Assets
from counterfoil.web.security import HEADERS, check_same_origin
from counterfoil.web.texts import Texts

WEB = ROOT / "counterfoil" / "web"


class Request:
    """As much of a request as a form is read from."""

    def __init__(self, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        self.headers = headers or {}
        self._body = body

    async def stream(self) -> AsyncIterator[bytes]:
        """The body, in two pieces."""
        yield self._body[:5]
        yield self._body[5:]


def read(body: bytes, headers: Mapping[str, str] | None = None) -> Mapping[str, str]:
    """A form as it is read."""
    reading = forms.form_of(Request(body, headers))  # type: ignore[arg-type]
    try:
        reading.send(None)
    except StopIteration as done:
        return dict(done.value)
    raise AssertionError("it waits for something")


def test_form_isRead() -> None:
    assert read(b"a=1&b=%E4%B8%AD&c=") == {"a": "1", "b": "中", "c": ""}


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"a=" + b"1" * forms.MAX_BODY, Refused),
        (b"&".join(b"a=1" for _ in range(forms.MAX_FIELDS + 1)), BadInput),
        (b"a=%FF", BadInput),
        (b"\xff=1", BadInput),
    ],
    ids=["large", "fields", "escaped", "raw"],
)
def test_form_isRefusedIfItCantBeOurs(body: bytes, error: type[CounterfoilError]) -> None:
    with pytest.raises(error):
        read(body)


@pytest.mark.parametrize(
    ("headers", "ours"),
    [
        ({}, True),
        ({"sec-fetch-site": "same-origin", "origin": "http://till", "host": "till"}, True),
        ({"sec-fetch-site": "none"}, True),
        ({"sec-fetch-site": "cross-site"}, False),
        ({"sec-fetch-site": "same-site"}, False),
        ({"origin": "http://elsewhere", "host": "till"}, False),
        ({"origin": "null", "host": "till"}, False),
    ],
)
def test_post_isOnlyHeardFromOurOwnPages(headers: Mapping[str, str], ours: bool) -> None:
    if ours:
        check_same_origin(headers)
        return
    with pytest.raises(Refused):
        check_same_origin(headers)


def test_policy_allowsNothingInlineAndNothingFromElsewhere() -> None:
    policy = HEADERS["Content-Security-Policy"]

    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    assert not re.search(r"https?:|\*|data:", policy)


def test_templates_haveNothingInline() -> None:
    for file in (WEB / "templates").rglob("*.html"):
        text = file.read_text(encoding="utf-8")
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:|hx-on", text), file
        assert not re.search(r"<script(?![^>]*\ssrc=)", text), file
        assert not re.search(r"""(?:src|href)=["']https?://""", text), file


def test_assets_areFoundByNameOnly() -> None:
    assets = Assets.load()

    assert {"style.css", "tokens.css", "htmx.js", "sse.js", "till.js"} <= set(assets.by_name)
    assert assets.url("style.css").startswith("/static/style.css?v=")


def test_assets_sayWhatIsMissing(tmp_path: object) -> None:
    with pytest.raises(Unavailable, match=r"htmx.*missing"):
        Assets.load(tmp_path)  # type: ignore[arg-type]


def test_style_namesEveryValueThatItUses() -> None:
    """Colours and sizes live in one place, for light and dark."""
    tokens = (WEB / "static" / "tokens.css").read_text(encoding="utf-8")
    style = (WEB / "static" / "style.css").read_text(encoding="utf-8")
    known = set(re.findall(r"^\s+(--[a-z-]+):", tokens, re.MULTILINE))

    used = set(re.findall(r"var\((--[a-z-]+)", style)) - {"--filled"}  # which a script sets
    assert used <= known
    assert not known - used
    assert set(re.findall(r"#[0-9a-f]{3,8}\b", style)) <= {"#fff", "#000"}  # QR codes and paper


def test_qr_isAnImageOfItsText() -> None:
    one, other = qr.svg("https://bank.test/s/one"), qr.svg("https://bank.test/s/two")

    assert one.startswith(b"<?xml")
    assert one != other
    assert b"style" not in one


@pytest.mark.parametrize(
    ("minor", "currency", "said"),
    [
        (0, "CNY", "0.00"),
        (123450, "CNY", "1,234.50"),
        (5, "JPY", "5"),
        (1_000_005, "BHD", "1,000.005"),
    ],
)
def test_amount_isReadAsPeopleReadIt(minor: int, currency: str, said: str) -> None:
    assert pages.amount(minor, currency) == said


@pytest.mark.parametrize(
    ("shape", "said"), [("time", "um 16:00:05 UTC"), ("day", "um 2027-01-01 16:00 UTC")]
)
def test_moment_isSaidInThePagesLanguage(shape: str, said: str) -> None:
    texts = Texts("de", {"common.utc": "um {time} UTC"})

    element = pages.moment(texts, 1_798_819_205, shape)

    assert element == f'<time datetime="2027-01-01T16:00:05Z" data-shape="{shape}">{said}</time>'


def in_browser(cases: list[list[int]]) -> list[list[str]]:
    """What the page's script makes of points, a rate's two numbers, step, least and most."""
    script = f"""
import {{ amount, cashFor, stepped }} from {json.dumps((WEB / "static" / "worth.js").as_uri())};
const cases = {json.dumps([[str(one) for one in case] for case in cases])};
console.log(JSON.stringify(cases.map((case_) => {{
  const [points, rate, minor, step, least, most] = case_.map(BigInt);
  const cash = cashFor(points, {{ points: rate, minorUnits: minor }});
  return [cash, stepped(points, step, least, most)].map(String).concat(amount(cash, 2));
}})));
"""
    done = subprocess.run(
        ["node", "--input-type=module", "-e", script], capture_output=True, text=True, check=True
    )
    answers: list[list[str]] = json.loads(done.stdout)
    return answers


_UINT32 = st.integers(min_value=1, max_value=2**32 - 1)


@settings(max_examples=5, deadline=None)
@given(st.lists(st.tuples(_UINT32, _UINT32, _UINT32, st.integers(1, 1000)), max_size=200))
def test_worth_isTheSameInTheBrowser(drawn: list[tuple[int, int, int, int]]) -> None:
    cases = [[points, rate, minor, step, step, 10**6 * step] for points, rate, minor, step in drawn]

    expected = [
        [
            str(Rate(rate, minor).cash_for(points)),
            str(min(max(points - points % step, least), most)),
            pages.amount(Rate(rate, minor).cash_for(points), "CNY"),
        ]
        for points, rate, minor, step, least, most in cases
    ]
    assert in_browser(cases) == expected
