"""What an attached file is, by its first bytes, and which names may be kept."""

from __future__ import annotations

import pytest

from counterfoil.tickets.filetypes import UNKNOWN, checked_name, media_type_of


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0", "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "image/webp"),
        (b"RIFF\x10\0\0\0WAVEfmt ", "audio/wav"),
        (b"\0\0\0\x18ftypheic", "image/heic"),
        (b"\0\0\0\x18ftypisom", "video/mp4"),
        (b"%PDF-1.7\n", "application/pdf"),
        (b"PK\x03\x04", "application/zip"),
        (b"a slip\r\n", "text/plain"),
        ("收据".encode(), "text/plain"),
        (b"x" * 4095 + "收".encode(), "text/plain"),  # the look ends inside a letter
        (b"", UNKNOWN),
        (b"\x89PNG", UNKNOWN),
        (b"a\x00b", UNKNOWN),
        (b"\x1f\x8b", UNKNOWN),
        ("收据".encode("gbk"), UNKNOWN),
    ],
)
def test_mediaType_isThatOfTheFirstBytes(data: bytes, kind: str) -> None:
    assert media_type_of(data) == kind


@pytest.mark.parametrize("name", ["slip.png", "...", ".slip", "收据 1.png", "a:b", "C-77's slip"])
def test_name_isKeptAsItIs(name: str) -> None:
    assert checked_name(name) == name


@pytest.mark.parametrize(
    "name", [".", "..", "/slip", "a/b", "..\\slip", "a\nb", "a\x1b[31m", "a\u202eb", "a\u2028b"]
)
def test_name_isRefusedIfItLeadsElsewhereOrHides(name: str) -> None:
    with pytest.raises(ValueError, match=r"a path|a control character"):
        checked_name(name)
