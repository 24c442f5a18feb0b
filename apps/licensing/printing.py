"""Documents on paper: PDF made by Typst, from data alone."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typst

# PDF/UA-1 (ISO 14289) for everybody to read, PDF/A-3b (ISO 19005-3) to keep, with files inside.
STANDARDS = ["ua-1", "a-3b"]


def pdf_of(template: Path, data: Mapping[str, Any], attached: Mapping[str, bytes] | None = None) -> bytes:
    """Return a template filled with data, which it reads as JSON from ``sys.inputs.data``, never as markup.

    Files to attach stand in it under ``attached``: by name, their bytes as numbers. A PDF with text in a script
    that the fonts lack keeps the archive's standard where it can, else none: it is wanted all the same.
    """
    files = {name: list(content) for name, content in (attached or {}).items()}
    inputs = {"data": json.dumps({**data, "attached": files})}
    for standards in (STANDARDS, STANDARDS[1:]):
        try:
            return _compiled(template, inputs, standards)
        except typst.TypstError:
            continue
    return _compiled(template, inputs, [])


def _compiled(template: Path, inputs: Mapping[str, str], standards: list[str]) -> bytes:
    document: bytes = typst.compile(  # type: ignore[call-overload]  # its stubs want each standard as a literal
        template.read_bytes(), format="pdf", sys_inputs=dict(inputs), pdf_standards=standards
    )
    return document
