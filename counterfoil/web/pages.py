"""Pages out of templates: one environment, with the filters that all of them use."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from fastapi.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from counterfoil.money import format_minor
from counterfoil.web import qr
from counterfoil.web.assets import Assets
from counterfoil.web.security import HEADERS
from counterfoil.web.texts import Texts

_TEMPLATES = Path(__file__).with_name("templates")
_HTMX = {
    "includeIndicatorStyles": False,  # it would write a style element, which the policy forbids
    "allowEval": False,
    "historyCacheSize": 0,  # no customer's page in the browser's store
    "refreshOnHistoryMiss": True,
}


class Pages:
    """The pages of one service."""

    def __init__(self, texts: Texts, assets: Assets, **shared: Any) -> None:
        """``shared``: what every template of the service may name."""
        self.texts = texts
        self.assets = assets
        environment = Environment(
            loader=FileSystemLoader(_TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        environment.globals |= {
            "t": texts,
            "asset": assets.url,
            "htmx_config": json.dumps(_HTMX),
            "rich": self._rich,
            **shared,
        }
        environment.filters |= {
            "amount": amount,
            "cash": cash,
            "date": date,
            "moment": partial(moment, texts),
            "points": points,
            "short": short,
        }
        self._environment = environment

    def _rich(self, key: str, **values: object) -> Markup:
        """A text with markup among its values."""
        return Markup(escape(self.texts.messages[key])).format_map(values)

    def fragment(self, template: str, /, **values: Any) -> str:
        """The text of a template."""
        return self._environment.get_template(template).render(values)

    def page(self, template: str, status: int = 200, /, **values: Any) -> Response:
        """A whole answer."""
        return HTMLResponse(self.fragment(template, **values), status, headers=dict(HEADERS))


def see_other(path: str) -> Response:
    """After a post: look there."""
    return RedirectResponse(path, 303, headers=dict(HEADERS))


def qr_image(text: str) -> Response:
    """A QR code as an answer."""
    return Response(qr.svg(text), media_type="image/svg+xml", headers=dict(HEADERS))


def event_stream(pieces: AsyncIterator[tuple[str, str]]) -> Response:
    """Server-sent events: (name, HTML) pairs as they come; an empty name is a sign of life."""

    async def encoded() -> AsyncIterator[str]:
        async for name, html in pieces:
            if not name:
                yield ": still here\n\n"
                continue
            data = "\n".join(f"data: {line}" for line in html.splitlines())
            yield f"event: {name}\n{data}\n\n"

    headers = {**HEADERS, "X-Accel-Buffering": "no"}
    return StreamingResponse(encoded(), media_type="text/event-stream", headers=headers)


def points(value: int) -> str:
    """Whole points with thousands apart: ``12,500``."""
    return f"{value:,}"


def amount(minor: int, currency: str) -> str:
    """Minor units as a decimal with thousands apart: ``1,234.50``."""
    whole, point, decimals = format_minor(minor, currency).partition(".")
    return f"{int(whole):,}{point}{decimals}"


def cash(minor: int, currency: str) -> Markup:
    """An amount with its currency, which stands back."""
    return Markup('{}&nbsp;<span class="currency">{}</span>').format(
        amount(minor, currency), currency
    )


def moment(texts: Texts, seconds: int | float | None, shape: str = "time") -> Markup:
    """Unix seconds as a ``time`` element, which a script rewrites in the viewer's zone.

    Args:
        texts: for whoever has no script.
        shape: ``time`` (of day), ``day`` and time, or ``near``: the day only if it isn't today.
    """
    if seconds is None:
        return Markup("")
    at = datetime.fromtimestamp(seconds, UTC)
    said = at.strftime("%H:%M:%S" if shape == "time" else "%Y-%m-%d %H:%M")
    return Markup('<time datetime="{}" data-shape="{}">{}</time>').format(
        at.strftime("%Y-%m-%dT%H:%M:%SZ"), shape, texts("common.utc", time=said)
    )


def date(text: str) -> Markup:
    """A day of the ledger's calendar, YYYY-MM-DD, which a script rewrites as the viewer does."""
    return Markup('<time datetime="{0}" data-shape="date">{0}</time>').format(text)


def short(hexadecimal: str) -> Markup:
    """The two ends of a long hash; the whole of it for whoever points at it or copies it."""
    ends = f"{hexadecimal[:8]}…{hexadecimal[-6:]}"
    return Markup('<code class="hash" title="{}">{}</code>').format(hexadecimal, ends)
