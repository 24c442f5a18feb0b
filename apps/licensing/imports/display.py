"""What pages and files show of an import, in words."""

import csv
import io
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.licensing.imports.formats import TABLE_OF
from apps.licensing.imports.progress import follow_topic, progress_of
from apps.licensing.imports.reconciliation import check_seats
from apps.licensing.imports.replacing import replaceable
from apps.licensing.imports.running import RUNNING
from apps.licensing.imports.staging import PROBLEMS_MAX
from apps.licensing.imports.words import FAILURES, PROBLEMS
from apps.licensing.models import Format, ImportProblem, UsageImport
from visio_portal.spreadsheet_cells import guarded

COUNTED = (
    ("paid", gettext_lazy("Paid seats")),
    ("paid_active", gettext_lazy("of which in a meeting or call in the period")),
    ("paid_blocked", gettext_lazy("of which blocked")),
    ("paid_deleted", gettext_lazy("Paid seats of deleted people, counted apart")),
    ("free", gettext_lazy("Free accounts")),
    ("guest", gettext_lazy("Guests")),
    ("resource", gettext_lazy("Rooms and resources")),
    ("untold", gettext_lazy("People whose kind of seat this file does not tell")),
    ("active", gettext_lazy("People in a meeting or call in the period")),
    ("left_out", gettext_lazy("Deleted people, left out")),
    ("merged", gettext_lazy("Rows that repeated another, merged")),
    ("licences", gettext_lazy("Licences")),
    ("bought", gettext_lazy("Seats bought")),
    ("consumed", gettext_lazy("Seats assigned")),
)
SKU_SAMPLE = (gettext_lazy("Licence"), gettext_lazy("Bought"), gettext_lazy("Assigned"))


class Line(NamedTuple):
    """One problem in words."""

    row: int
    column: str
    text: str
    value: str


class Count(NamedTuple):
    label: str | Promise
    number: int


def state_context(usage_import: UsageImport) -> dict[str, Any]:
    """Return what the page of an import shows, whatever its state."""
    return {
        "usage_import": usage_import,
        "is_running": usage_import.status in RUNNING,
        "progress": progress_of(usage_import) if usage_import.status in RUNNING else None,
        "topic": follow_topic(usage_import.tenant_id),
        "failure": FAILURES.get(usage_import.failure_code, ""),
        "counts": counts_of(usage_import),
        "sample_header": sample_header(usage_import),
        "seats": check_seats(usage_import),
        "problems_max": PROBLEMS_MAX,
        "replaced": _replaced(usage_import),
    }


def counts_of(usage_import: UsageImport) -> list[Count]:
    """Return what the file comes to; what it does not hold is left out, paid seats never are."""
    counts = usage_import.counts
    return [Count(label, counts[name]) for name, label in COUNTED if counts.get(name) or (name == "paid" in counts)]


def sample_header(usage_import: UsageImport) -> list[str | Promise]:
    """Return the names of the columns of the first rows."""
    if usage_import.format == Format.SUBSCRIBED_SKUS:
        return list(SKU_SAMPLE)
    if usage_import.format not in TABLE_OF:
        return []
    table = TABLE_OF[Format(usage_import.format)]
    return [field.label for field in table.fields if field.name in usage_import.mapping]


def problem_lines(usage_import: UsageImport, problems: Iterable[ImportProblem]) -> list[Line]:
    """Return problems in words, with the names that the file itself gives its columns."""
    return [
        Line(problem.row, _column(usage_import, problem.column), _text(problem), problem.value) for problem in problems
    ]


def problems_csv(usage_import: UsageImport, problems: Iterable[ImportProblem]) -> bytes:
    """Return the problems as CSV that Excel opens, no cell of which is a formula (OWASP: CSV injection)."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";")
    writer.writerow([_("Row"), _("Column"), _("Problem"), _("Value")])
    for line in problem_lines(usage_import, problems):
        writer.writerow([line.row, *map(guarded, (line.column, line.text, line.value))])
    return text.getvalue().encode("utf-8-sig")


def _text(problem: ImportProblem) -> str:
    return str(PROBLEMS.get(problem.code, problem.code))


def _column(usage_import: UsageImport, name: str) -> str:
    position = usage_import.mapping.get(name)
    if position is None or position >= len(usage_import.header):
        return name
    return str(usage_import.header[position])


def _replaced(usage_import: UsageImport) -> UsageImport | None:
    """Return the import that waits behind this one, or would if this one is imported."""
    if usage_import.status == UsageImport.Status.PREVIEWED:
        older = replaceable(usage_import)
    else:
        older = UsageImport.objects.filter(replaced_by_id=usage_import.id)
    return older.select_related("stored_file").first()
