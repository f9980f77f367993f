"""The till's routes: thin, each one call of the till and one page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import Depends, FastAPI, Query, Request, Response

from counterfoil.errors import BadInput, CounterfoilError, Refused
from counterfoil.terminal.finding import found
from counterfoil.terminal.live import Live
from counterfoil.terminal.presenting import (
    basket_in,
    form_of_basket,
    offered,
    points_in,
    problem_of,
    rows_of,
    totals_of,
)
from counterfoil.terminal.sales import Wish
from counterfoil.terminal.till import Till
from counterfoil.web.forms import form_of, read_form
from counterfoil.web.pages import Pages, event_stream, qr_image, see_other

Form = Annotated[Mapping[str, str], Depends(form_of)]
WHOLE, PART = "till/visit.html", "till/_payment.html"
_FIELDS = 2  # that the basket's form has for each item: its price, and how many


class Desk:
    """What every route needs."""

    def __init__(self, till: Till, pages: Pages, live: Live) -> None:
        self.till = till
        self.pages = pages
        self.live = live

    def start(self, error: CounterfoilError | None = None) -> Response:
        """The first page, with what went wrong if something did."""
        problem = problem_of(error, self.pages.texts) if error else None
        values = {"here": "start", "problem": problem, **self.live.today()}
        return self.pages.page("till/start.html", problem.status if problem else 200, **values)

    def visit(
        self, token: str, form: Mapping[str, str], template: str, error: CounterfoilError | None
    ) -> Response:
        """The basket, or the payment part of it alone, for what the form says."""
        texts = self.pages.texts
        visit = self.till.visits.find(token)
        shown, problem = None, problem_of(error, texts) if error else None
        try:
            basket = basket_in(form, self.till)
            if basket:
                name, attempt = self.till.offer(visit, basket)
                shown = offered(name, attempt, self.till, texts)
        except CounterfoilError as failed:
            problem = problem_of(failed, texts)
        rows = rows_of(visit.quote, self.till, texts, form)
        return self.pages.page(
            template,
            problem.status if problem and template == WHOLE else 200,
            token=token,
            quote=visit.quote,
            rows=rows,
            part=template == PART,
            offered=shown,
            problem=problem,
        )

    def sales(self, day: str, number: str) -> Response:
        """Today's, or those that are asked for."""
        if not (day or number):
            values = {"day": "", "number": "", **self.live.today()}
            return self.pages.page("till/sales.html", here="sales", **values)
        sales, problem = [], None
        try:
            sales = found(self.till.journal, day, number)
        except BadInput as error:
            problem = problem_of(error, self.pages.texts)
        views = self.live.views(sales)
        return self.pages.page(
            "till/found.html",
            problem.status if problem else 200,
            day=day,
            number=number,
            sales=views,
            totals=totals_of(views),
            problem=problem,
        )

    def sale(self, sale_id: str, error: CounterfoilError | None = None) -> Response:
        """The page of a sale."""
        problem = problem_of(error, self.pages.texts) if error else None
        values = {**self.live.sale_values(sale_id), "problem": problem}
        return self.pages.page("till/sale.html", problem.status if problem else 200, **values)


def add_visits(app: FastAPI, desk: Desk) -> None:
    """From the customer's id to the order."""
    till = desk.till

    async def basket_of(request: Request) -> Mapping[str, str]:
        return await read_form(request, more=_FIELDS * len(till.counter.catalogue.items))

    @app.get("/")
    def start() -> Response:
        return desk.start()

    @app.post("/visits")
    def look_up(form: Form) -> Response:
        try:
            visit = till.look_up(form.get("customer_id", ""))
        except CounterfoilError as error:
            return desk.start(error)
        return see_other(f"/visits/{visit.token}")

    @app.get("/visits/{token}")
    def visit(token: str) -> Response:
        return desk.visit(token, {}, WHOLE, None)

    @app.post("/visits/{token}/offer")
    def offer(
        token: str, request: Request, form: Mapping[str, str] = Depends(basket_of)
    ) -> Response:
        part = "hx-request" in request.headers
        return desk.visit(token, form, PART if part else WHOLE, None)

    @app.post("/visits/{token}/pay")
    def pay(token: str, form: Form) -> Response:
        found = till.visits.find(token)
        name = form.get("attempt", "")
        try:
            sale = till.pay(found, name, points_in(form))
        except (BadInput, Refused) as error:  # the same basket again, with what is offered now
            shown = till.visits.attempt(found, name)
            return desk.visit(token, form_of_basket(shown.basket, till), WHOLE, error)
        return see_other(f"/sales/{sale.sale_id}")


def add_sales(app: FastAPI, desk: Desk) -> None:
    """The pages of sales."""
    till = desk.till

    @app.get("/sales")
    def sales(day: str = "", number: str = "") -> Response:
        return desk.sales(day.strip(), number.strip())

    @app.get("/sales/{sale_id}")
    def sale(sale_id: str) -> Response:
        return desk.sale(sale_id)

    @app.get("/sales/{sale_id}/receipt")
    def receipt(sale_id: str) -> Response:
        return desk.pages.page("till/receipt.html", **desk.live.sale_values(sale_id))

    @app.get("/sales/{sale_id}/qr.svg")
    def qr(sale_id: str) -> Response:
        url = till.sale(sale_id).status_url
        if url is None:
            raise Refused("The bank has given no link.", code="no-page")
        return qr_image(url)

    @app.get("/events")
    async def events(watch: Annotated[str, Query(max_length=64)] = "") -> Response:
        return event_stream(desk.live.stream(watch))


def add_acts(app: FastAPI, desk: Desk) -> None:
    """What is done to a sale."""
    till = desk.till

    @app.post("/sales/{sale_id}/complete")
    def complete(sale_id: str, _form: Form) -> Response:
        till.wish(sale_id, Wish.COMPLETE)
        return see_other(f"/sales/{sale_id}")

    @app.post("/sales/{sale_id}/cancel")
    def cancel(sale_id: str, _form: Form) -> Response:
        till.wish(sale_id, Wish.CANCEL)
        return see_other(f"/sales/{sale_id}")

    @app.post("/sales/{sale_id}/refunds")
    def refund(sale_id: str, form: Form) -> Response:
        try:
            till.refund(sale_id, form.get("refund_id", ""), form.get("cash", ""))
        except CounterfoilError as error:
            return desk.sale(sale_id, error)
        return see_other(f"/sales/{sale_id}")
