"""What a till's page shows while it stays open: each live part again whenever it has changed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from datetime import datetime

from starlette.concurrency import run_in_threadpool

from counterfoil.errors import CounterfoilError
from counterfoil.terminal.finding import span_of
from counterfoil.terminal.presenting import totals_of
from counterfoil.terminal.sales import Sale
from counterfoil.terminal.till import Till
from counterfoil.terminal.views import SaleView, view_of
from counterfoil.web.pages import Pages

SALES = "sales"
"""What a page watches that shows all of today's."""

_SIGN_OF_LIFE = 15.0  # seconds
_SALE_PARTS = ("headline", "actions", "records", "refunds", "goods", "share")


class Live:
    """The live parts of a till's pages."""

    def __init__(self, till: Till, pages: Pages) -> None:
        self._till = till
        self._pages = pages

    def view(self, sale_id: str) -> SaleView:
        """A sale as it looks now.

        Raises:
            Refused: there is none.
        """
        sale = self._till.sale(sale_id)
        return view_of(sale, self._till.journal.refunds([sale_id]), self._till.hand_over)

    def sale_values(self, sale_id: str) -> dict[str, object]:
        """What the templates of a sale name."""
        view = self.view(sale_id)
        # The next refund's name: two clicks on one form are one refund.
        return {"view": view, "refund_id": f"{sale_id}-{len(view.refunds) + 1}"}

    def today(self) -> dict[str, object]:
        """What the templates of the list name: today by this machine's calendar."""
        midnight, _ = span_of(datetime.fromtimestamp(time.time()).date())
        views = self.views(self._till.journal.sales_since(midnight))
        return {
            "open_sales": [view for view in views if not view.sale.stage.final],
            "ended_sales": [view for view in views if view.sale.stage.final],
            "totals": totals_of(views),
        }

    def views(self, sales: Sequence[Sale]) -> list[SaleView]:
        """These sales as they look now."""
        refunds = self._till.journal.refunds([sale.sale_id for sale in sales])
        return [
            view_of(
                sale,
                [one for one in refunds if one.sale_id == sale.sale_id],
                self._till.hand_over,
            )
            for sale in sales
        ]

    async def stream(self, watch: str) -> AsyncIterator[tuple[str, str]]:
        """The parts by name, each as it changes. ``watch``: a sale, :data:`SALES` or nothing."""
        shown: dict[str, str] = {}
        listener = self._till.changes.listen()
        try:
            while True:
                listener[1].clear()
                parts = await run_in_threadpool(self._parts, watch)
                for name, html in parts.items():
                    if shown.get(name) != html:
                        shown[name] = html
                        yield name, html
                try:
                    await asyncio.wait_for(listener[1].wait(), _SIGN_OF_LIFE)
                except TimeoutError:
                    yield "", ""
        finally:
            self._till.changes.leave(listener)

    def _parts(self, watch: str) -> dict[str, str]:
        parts = {"lines": self._pages.fragment("till/_lines.html")}
        try:
            if watch == SALES:
                parts["sales"] = self._pages.fragment("till/_today.html", **self.today())
            elif watch:
                values = self.sale_values(watch)
                parts |= {
                    name: self._pages.fragment(f"till/_{name}.html", **values)
                    for name in _SALE_PARTS
                }
            else:
                parts["unfinished"] = self._pages.fragment("till/_open.html", **self.today())
        except CounterfoilError:
            return parts  # no such sale, or the store is away: what is shown stays
        return parts
