"""The JSON Schema of a case file, as docs/ publishes it.

``python -m tests.support.case_schema`` writes it anew after the models changed.
"""

from __future__ import annotations

import json

from counterfoil.artifacts import ROOT
from counterfoil.tickets.casefile import SCHEMA, CaseFile

FILE = ROOT / "docs" / "case-1.schema.json"


def document() -> str:
    """JSON Schema, draft 2020-12, of what stands in a case block once it is decrypted."""
    schema = CaseFile.model_json_schema(by_alias=True)
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:counterfoil:{SCHEMA.replace('/', ':')}",
    }
    return json.dumps(head | schema, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.write_text(document(), encoding="utf-8")
