"""Microsoft's dictionary of licences: one row for each plan in each product, with stray tabs and no-break spaces.

A product bundles Teams when it has the plan TEAMS1, by Microsoft’s "product names and service plan identifiers".
"""

from collections.abc import Sequence
from typing import BinaryIO, NamedTuple
from uuid import UUID

from django.db import transaction

from apps.licensing.imports.formats import plain
from apps.licensing.imports.reading import (
    SAMPLE_BYTES,
    Refused,
    encoding_of,
    refuse_other_kinds,
    rows_of,
    source_of,
)
from apps.licensing.models import Sku
from apps.tenants.journal import record_by
from apps.tenants.models import Membership

COLUMNS = ("Product_Display_Name", "String_Id", "GUID", "Service_Plan_Id")
TEAMS1 = UUID("57ff2da0-773e-42df-b2af-ffb7a2317929")
DICTIONARY_MAX_BYTES = 8 * 1024 * 1024


class Loaded(NamedTuple):
    """How many licences the dictionary names, and how many of them include meetings."""

    licences: int
    with_meetings: int


def load_dictionary(*, membership: Membership, file: BinaryIO) -> Loaded:
    """Take over Microsoft's dictionary whole; licences that it no longer names stay. For the operator.

    Raises Refused: for what is no such table, with the number of the first row that cannot be read.
    """
    skus = read_dictionary(file)
    with transaction.atomic():
        Sku.objects.filter(string_id__in=[sku.string_id for sku in skus]).exclude(
            guid__in=[sku.guid for sku in skus]
        ).delete()
        Sku.objects.bulk_create(
            skus,
            update_conflicts=True,
            unique_fields=["guid"],
            update_fields=["string_id", "display_name", "has_meetings"],
            batch_size=1000,
        )
        loaded = Loaded(len(skus), sum(sku.has_meetings for sku in skus))
        record_by(membership, "sku_dictionary.loaded", **loaded._asdict())
    return loaded


def read_dictionary(file: BinaryIO) -> list[Sku]:
    """Return the licences of the table, each once."""
    sample = file.read(SAMPLE_BYTES)
    file.seek(0)
    refuse_other_kinds(sample)
    source = source_of(file, encoding_of(file))
    names = [plain(name) for name in source.header]
    try:
        places = [names.index(plain(name)) for name in COLUMNS]
    except ValueError as error:
        raise Refused("dictionary") from error
    skus: dict[UUID, Sku] = {}
    for number, row in rows_of(file, source):
        _add(skus, number, [row[place].strip() if place < len(row) else "" for place in places])
    if not skus:
        raise Refused("no_rows")
    return _once(skus)


def _add(skus: dict[UUID, Sku], number: int, cells: Sequence[str]) -> None:
    name, string_id, guid, plan = cells
    try:
        key, has_meetings = UUID(guid), UUID(plan) == TEAMS1
    except ValueError as error:
        raise Refused("dictionary_row", str(number)) from error
    if not string_id or "\N{REPLACEMENT CHARACTER}" in name + string_id:
        raise Refused("dictionary_row", str(number))
    sku = skus.setdefault(
        key, Sku(guid=key, string_id=string_id[:100], display_name=" ".join(name.split())[:200], has_meetings=False)
    )
    sku.has_meetings = sku.has_meetings or has_meetings


def _once(skus: dict[UUID, Sku]) -> list[Sku]:
    """Keep the last of several licences of one name."""
    return list({sku.string_id: sku for sku in skus.values()}.values())
