"""The bank node: a bank's points over HTTP, for its terminals, its own channel and its customers.

::

    who     route                                     what
    till    POST /v1/quotes                           what a customer can pay with points, here, now
    till    POST /v1/orders                           1 to 1,000 signed orders and their quotes
    both    GET  /v1/orders/{order_id}                the answer to one, as it stands
    both    GET  /v1/orders/{order_id}/events         the same, told as it happens (SSE)
    both    GET  /v1/orders/{order_id}/receipt        what proves the payment on chain
    both    POST /v1/orders/{order_id}/refunds        give cash back, or call the order off
    bank    POST /v1/customers                        a customer's account
    bank    GET  /v1/customers/{id}/balance           points, worth, lots
    bank    GET  /v1/customers/{id}/statement         every movement
    bank    PUT  /v1/customers/{id}/consent           above which cash the customer is asked
    bank    GET  /v1/confirmations                    links for customers who are asked now
    bank    GET  /v1/alarms                           terminals that behave unusually
    link    GET  /v1/confirmations/{token}            what a customer is asked
    link    POST /v1/confirmations/{token}            the customer's answer
    link    GET  /v1/status/{token}                   one payment, for its customer
    link    GET  /v1/status/{token}/events            the same, told as it happens (SSE)
    all     GET  /v1/rules/{version}                  rules, which stand on chain
    all     GET  /v1/terminals/{id}/catalogue         items, which stand on chain
    all     GET  /healthz /readyz /metrics /openapi.json

``till``: requests that a terminal's key signs (:mod:`counterfoil.points.requests`). ``bank``: the
bank's own channel, with its key (``Authorization: Bearer …``). ``both``: the terminal of that
order, or the channel. ``link``: an unguessable link is all that it takes. In
``/v1/customers/{id}`` the id is the account (0x…) that quotes and ``POST /v1/customers`` name, so
that no customer id is logged by whatever stands between.
"""
