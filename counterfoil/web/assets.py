"""Style sheet and scripts: ours from ``static/``, htmx from npm. All in memory, known by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from fastapi import APIRouter, Response

from counterfoil.artifacts import ROOT
from counterfoil.errors import Unavailable

_OWN = Path(__file__).with_name("static")
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_VENDOR = {
    "htmx.js": "htmx.org/dist/htmx.min.js",
    "sse.js": "htmx-ext-sse/dist/sse.min.js",
}
_YEAR = 31_536_000  # seconds


@dataclass(frozen=True, slots=True)
class Asset:
    """A file as it is served."""

    content: bytes
    media_type: str

    @property
    def version(self) -> str:
        """Changes with the content, so that a browser may keep what it has for ever."""
        return sha256(self.content).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Assets:
    """The files by name."""

    by_name: Mapping[str, Asset]

    @classmethod
    def load(cls, root: Path = ROOT) -> Assets:
        """All of them. ``root``: the project folder, where npm has put htmx.

        Raises:
            Unavailable: htmx isn't there.
        """
        files = {file.name: file for file in _OWN.iterdir() if file.suffix in _TYPES}
        files |= {name: root / "node_modules" / path for name, path in _VENDOR.items()}
        missing = [file for file in files.values() if not file.exists()]
        if missing:
            raise Unavailable(f"{missing[0]} is missing.", fix="Run `make setup`.")
        return cls(
            {name: Asset(file.read_bytes(), _TYPES[file.suffix]) for name, file in files.items()}
        )

    def url(self, name: str) -> str:
        """Where a page finds a file."""
        return f"/static/{name}?v={self.by_name[name].version}"

    def router(self) -> APIRouter:
        """The route that serves them."""
        router = APIRouter()

        @router.get("/static/{name}", include_in_schema=False)
        async def static(name: str) -> Response:
            asset = self.by_name.get(name)
            if asset is None:
                return Response(status_code=404)
            headers = {
                "Cache-Control": f"public, max-age={_YEAR}, immutable",
                "X-Content-Type-Options": "nosniff",
            }
            return Response(asset.content, media_type=asset.media_type, headers=headers)

        return router
