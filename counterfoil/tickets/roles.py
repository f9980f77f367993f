"""The roles of the ticket registry, besides its admin's."""

from __future__ import annotations

from typing import Literal, get_args

Role = Literal["intake", "resolver", "supervisor", "verifier", "pauser"]
ROLES: tuple[Role, ...] = get_args(Role)
