"""What an attached file is, by its own first bytes: a name may say anything.

The signatures are those of https://mimesniff.spec.whatwg.org and of each format's own standard.
"""

from __future__ import annotations

import codecs
import unicodedata

UNKNOWN = "application/octet-stream"
_TEXT = "text/plain"
_LOOK = 4096  # bytes in which text shows itself
_SIGNATURES: tuple[tuple[int, bytes, str], ...] = (  # offset, bytes there, type
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (0, b"BM", "image/bmp"),
    (0, b"II*\0", "image/tiff"),
    (0, b"MM\0*", "image/tiff"),
    (8, b"WEBP", "image/webp"),
    (8, b"WAVE", "audio/wav"),
    (4, b"ftypheic", "image/heic"),
    (4, b"ftypM4A", "audio/mp4"),
    (4, b"ftyp", "video/mp4"),
    (0, b"OggS", "audio/ogg"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"%PDF-", "application/pdf"),
    (0, b"PK\x03\x04", "application/zip"),
    (0, b"\x1f\x8b\x08", "application/gzip"),
)
_CONTROLS = frozenset(range(0x20)) - frozenset(b"\t\n\r\f\x1b") | {0x7F}


def media_type_of(data: bytes) -> str:
    """The media type that ``data`` begins like; ``application/octet-stream`` if like none."""
    for offset, signature, kind in _SIGNATURES:
        if data.startswith(signature, offset):
            return kind
    return _TEXT if data and _is_text(data[:_LOOK]) else UNKNOWN


def checked_name(name: str) -> str:
    """``name`` itself, if a file can be kept and saved under it wherever it is opened later.

    Raises:
        ValueError: it leads to another folder, or holds letters that can't be seen.
    """
    if name in (".", "..") or "/" in name or "\\" in name:
        raise ValueError("a path; a name is wanted")
    if any(unicodedata.category(letter) in ("Cc", "Cf", "Zl", "Zp") for letter in name):
        raise ValueError("a control character")
    return name


def _is_text(head: bytes) -> bool:
    if _CONTROLS & set(head):
        return False
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)  # the last letter may be cut
    except UnicodeDecodeError:
        return False
    return True
