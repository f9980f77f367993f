"""QR codes, for links that go from a till's screen or paper to a customer's phone."""

from __future__ import annotations

import io

import segno


def svg(text: str) -> bytes:
    """An SVG image of ``text`` as a QR code (ISO/IEC 18004), error correction M, quiet zone 4."""
    drawn = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        drawn, kind="svg", border=4, dark="#000", light="#fff", omitsize=True
    )
    return drawn.getvalue()
