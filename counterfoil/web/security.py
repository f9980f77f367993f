"""What a browser is told not to do with our pages, and which posts aren't listened to."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from counterfoil.errors import Refused

_POLICY = (
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
)

HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": "; ".join(_POLICY),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    # A customer's link is a secret: no other site may learn it from a referrer. "no-referrer"
    # would make a form's Origin "null", by which our own posts are told from strangers'.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


def check_same_origin(headers: Mapping[str, str], address: str = "") -> None:
    """Refuse a post that another site's page sends through the browser of someone who is here.

    Programs that aren't browsers send neither header, and nobody's session either.

    Args:
        headers: of the request, names in lower case or in any if the mapping doesn't mind.
        address: where our pages are for browsers; a proxy may not pass on the host that they name.

    Raises:
        Refused: ``foreign-origin``.
    """
    site = headers.get("sec-fetch-site", "same-origin")
    origin = headers.get("origin", "")
    here = origin.partition("://")[2] == headers.get("host", "") or origin == _origin(address)
    foreign = site not in ("same-origin", "none")
    if foreign or (origin and not here):
        raise Refused("The request comes from another site's page.", code="foreign-origin")


def _origin(address: str) -> str:
    """As a browser words it."""
    place = urlsplit(address)
    return f"{place.scheme}://{place.netloc}".lower()
