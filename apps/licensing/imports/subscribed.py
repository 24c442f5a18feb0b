"""subscribedSkus of Microsoft Graph as JSON: what is bought and consumed of each licence, in any of the encodings."""

import json
from typing import Any, BinaryIO
from uuid import UUID

from apps.licensing.imports.reading import JSON_MAX_BYTES, Refused, encoding_of
from apps.licensing.models import ImportProblem, SkuCount, UsageImport

SEATS_MAX = 100_000_000
PREPAID = {"enabled": "enabled", "suspended": "suspended", "warning": "warning", "locked_out": "lockedOut"}


def read_skus(file: BinaryIO) -> list[dict[str, Any]]:
    """Return the licences as the file has them; raises Refused for what is no such answer."""
    encoding = encoding_of(file)
    content = file.read(JSON_MAX_BYTES + 1)
    if len(content) > JSON_MAX_BYTES:
        raise Refused("json_too_large")
    try:
        answer = json.loads(content.decode(encoding.name).removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}"))
    except (ValueError, RecursionError) as error:
        raise Refused("json") from error
    rows = answer.get("value") if isinstance(answer, dict) else answer
    if not isinstance(rows, list) or not all(isinstance(row, dict) and "skuId" in row for row in rows):
        raise Refused("json")
    if not rows:
        raise Refused("no_rows")
    return rows


def sku_counts(usage_import: UsageImport, rows: list[dict[str, Any]]) -> tuple[list[SkuCount], list[ImportProblem]]:
    """Return the rows to write, and what is wrong in the others; rows are numbered from 1 as in the file."""
    counts: dict[UUID, SkuCount] = {}
    problems = []
    for number, row in enumerate(rows, 1):
        problem = _problem(row)
        guid = None if problem else UUID(row["skuId"])
        if guid in counts:
            problem = ("skuId", "double", row["skuId"])
        if problem or guid is None:
            column, code, value = problem or ("skuId", "guid", "")
            problems.append(
                ImportProblem(
                    tenant_id=usage_import.tenant_id,
                    usage_import=usage_import,
                    row=number,
                    column=column,
                    code=code,
                    value=str(value)[:200].replace("\0", ""),
                )
            )
            continue
        prepaid = row.get("prepaidUnits") or {}
        counts[guid] = SkuCount(
            tenant_id=usage_import.tenant_id,
            usage_import=usage_import,
            sku_guid=guid,
            part_number=str(row.get("skuPartNumber") or guid)[:100],
            capability_status=str(row.get("capabilityStatus") or "")[:32],
            consumed=row.get("consumedUnits", 0),
            **{field: prepaid.get(name, 0) for field, name in PREPAID.items()},
        )
    return list(counts.values()), problems


def _problem(row: dict[str, Any]) -> tuple[str, str, Any] | None:
    """Return the column, the code and the value of what is wrong in a row, or nothing."""
    try:
        UUID(row["skuId"])
    except (ValueError, TypeError, AttributeError):
        return "skuId", "guid", row["skuId"]
    prepaid = row.get("prepaidUnits")
    if prepaid is not None and not isinstance(prepaid, dict):
        return "prepaidUnits", "number", prepaid
    cells = {"consumedUnits": row.get("consumedUnits", 0)}
    cells |= {name: (prepaid or {}).get(name, 0) for name in PREPAID.values()}
    for name, value in cells.items():
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= SEATS_MAX:
            return name, "number", value
    for name in ("skuPartNumber", "capabilityStatus"):
        if "\0" in str(row.get(name, "")):
            return name, "encoding", row[name]
    return None
