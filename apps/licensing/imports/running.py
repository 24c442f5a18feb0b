"""One reading of a file, by a worker. Its rows are written for the preview, and count from the import on.

The rows are the truth: whoever reads holds a lock that ends with its transaction, so that a file whose reader was
killed is read again by the next one, ATTEMPTS_MAX times, and then refused for all to see.
"""

from contextlib import closing
from datetime import timedelta
from typing import Any, BinaryIO
from uuid import UUID

from django.db import DataError, IntegrityError, connection, transaction
from django.db.models import F, Q
from django.utils import timezone

from apps.files.objects import NoSuchObject
from apps.files.operations import open_stored_file
from apps.licensing.imports import meaning, staging, straight
from apps.licensing.imports.clearing import clear
from apps.licensing.imports.formats import TABLE_OF, Recognised, guess_positions, header_digest, recognise
from apps.licensing.imports.progress import Meter, follow_topic
from apps.licensing.imports.reading import (
    REPLACEMENT,
    SAMPLE_BYTES,
    Encoding,
    Refused,
    Source,
    encoding_of,
    is_json,
    likely_encodings,
    refuse_other_kinds,
    rows_of,
    source_of,
)
from apps.licensing.imports.replacing import replace_older
from apps.licensing.imports.subscribed import read_skus, sku_counts
from apps.licensing.models import Account, ColumnMapping, Format, ImportProblem, SkuCount, UsageImport
from apps.licensing.people.rollups import request_unit_days
from apps.tenants.journal import record_by
from apps.tenants.scoping import tenant_scope
from visio_portal.broker import send_on_commit
from visio_portal.figure_requests import request_figures
from visio_portal.realtime import publish

Status = UsageImport.Status
CLEARING = (Status.UNDOING, Status.REMOVING)
RUNNING = (Status.READING, Status.COMMITTING, *CLEARING)
RUN_TASK = "licensing.run_import"
MESSAGE_LIFETIME = timedelta(minutes=5)
ATTEMPTS_MAX = 3
QUIET = timedelta(minutes=1)  # after which the beat asks whether somebody reads
SAMPLE_ROWS = 5


class Question(Exception):
    """Reading cannot go on before a person has answered; ``code`` is what is asked."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Outrun(Exception):
    """The import has another state by now: what was read is not kept."""


def send_run(usage_import: UsageImport, *, queue: str | None = None) -> None:
    """Have a worker read the import's file, once the transaction is committed."""
    ids = {"tenant_id": str(usage_import.tenant_id), "import_id": str(usage_import.id)}
    send_on_commit(RUN_TASK, queue=queue, expires_after=MESSAGE_LIFETIME, **ids)


def run_import(*, tenant_id: UUID, import_id: UUID) -> None:
    """Read an import's file, for its preview or to write its rows, unless somebody does already. Waits on the store."""
    if not _begin(tenant_id, import_id):
        return
    try:
        with tenant_scope(tenant_id):
            if _has_lock(import_id):
                _run(UsageImport.objects.select_related("stored_file", "by__user", "tenant").get(id=import_id))
    except Refused as refusal:
        _end(tenant_id, import_id, Status.REFUSED, failure_code=refusal.code, failure_detail=refusal.detail[:300])
    except NoSuchObject:
        _end(tenant_id, import_id, Status.REFUSED, failure_code="file_gone")
    except Outrun:
        return


def tend_imports(*, tenant_id: UUID) -> int:
    """Send again what should be read and is not; return how many."""
    with tenant_scope(tenant_id):
        waiting = UsageImport.objects.filter(status__in=RUNNING, created_at__lt=timezone.now() - QUIET)
        for usage_import in waiting:
            send_run(usage_import)
        return len(waiting)


def _begin(tenant_id: UUID, import_id: UUID) -> bool:
    """Count the attempt before it begins, so that one that kills its worker is counted too."""
    with tenant_scope(tenant_id):
        if not _has_lock(import_id):
            return False
        waiting = UsageImport.objects.filter(id=import_id, status__in=RUNNING)
        if waiting.filter(Q(attempts__lt=ATTEMPTS_MAX) | Q(status__in=CLEARING)).update(attempts=F("attempts") + 1):
            return True
        if waiting.update(status=Status.REFUSED, failure_code="interrupted", failure_detail=""):
            Account.objects.filter(usage_import_id=import_id).delete()
            publish(tenant_id, follow_topic(tenant_id), {"import": str(import_id)})
        return False


def _has_lock(import_id: UUID) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [import_id.int & (2**63 - 1)])
        (answer,) = cursor.fetchone()
    return bool(answer)


def _run(usage_import: UsageImport) -> None:
    if usage_import.status in CLEARING:
        clear(usage_import)
    if usage_import.status not in (Status.READING, Status.COMMITTING):
        return
    with closing(open_stored_file(usage_import.stored_file)) as file:
        sample = file.read(SAMPLE_BYTES)
        file.seek(0)
        refuse_other_kinds(sample)
        try:
            if is_json(sample):
                _read_skus(usage_import, file)
            else:
                _read_table(usage_import, file)
        except Question as question:
            _leave(usage_import, Status.ASKING, question=question.code)


def _read_table(usage_import: UsageImport, file: BinaryIO) -> None:
    if _has_rows(usage_import):
        if usage_import.status == Status.COMMITTING:  # they are those that the preview has shown
            _finish(usage_import)
            return
        Account.objects.filter(usage_import=usage_import).delete()
    if _read_straight(usage_import, file) or _read_carefully(usage_import, file):
        _finish(usage_import)


def _has_rows(usage_import: UsageImport) -> bool:
    return Account.objects.filter(usage_import=usage_import).exists()


def _read_straight(usage_import: UsageImport, file: BinaryIO) -> bool:
    """Read a file in which all is in order; return False, with nothing done, where it has to be read carefully."""
    for encoding in likely_encodings(file):
        try:
            with transaction.atomic():
                _go_straight(usage_import, file, encoding)
        except (straight.NotStraight, DataError):
            file.seek(0)
        else:
            return True
    return False


def _go_straight(usage_import: UsageImport, file: BinaryIO, encoding: Encoding) -> None:
    source = source_of(file, encoding)
    if any(REPLACEMENT in name for name in source.header):
        raise straight.NotStraight  # the encoding is another one
    recognised = _recognised_in(usage_import, source)
    meter = Meter(usage_import, file)
    usage_import.rows_total = straight.stage(recognised, source, file, meter.advance)
    if not usage_import.rows_total:
        raise straight.NotStraight
    meter.say_checking()
    collected = staging.collect_values(recognised)
    _settle_dates(usage_import, recognised, "import_value")
    usage_import.is_concealed = staging.is_concealed()
    if not staging.is_in_order(recognised, usage_import, collected):
        raise straight.NotStraight
    if meaning.may_have_doubles(usage_import, recognised):
        raise straight.NotStraight
    _write(usage_import, recognised, rows="import_value")
    usage_import.counts |= {"merged": 0}


def _read_carefully(usage_import: UsageImport, file: BinaryIO) -> bool:
    """Read a file row by row and note what is wrong; return whether nothing is."""
    encoding = encoding_of(file)
    source = source_of(file, encoding)
    recognised = _recognised_in(usage_import, source)
    meter = Meter(usage_import, file)
    staged = staging.stage(recognised, len(source.header), rows_of(file, source), meter.advance)
    usage_import.rows_total = staged.rows + staged.misfits_total
    if not usage_import.rows_total:
        raise Refused("no_rows")
    _settle_dates(usage_import, recognised)
    usage_import.is_concealed = staging.is_concealed()
    meter.say_checking()
    wrong = staging.note_problems(usage_import, recognised, staged, is_damaged=encoding.is_damaged)
    merged, double = (0, 0) if wrong else meaning.settle_doubles(usage_import, recognised)
    wrong += double or (0 if wrong else meaning.note_other_periods(usage_import, recognised))
    if wrong:
        usage_import.sample = [] if usage_import.is_concealed else staging.first_rows(recognised, SAMPLE_ROWS)
        _leave(usage_import, Status.REFUSED, failure_code="rows_wrong", rows_wrong=wrong)
        return False
    _write(usage_import, recognised, rows="import_row")
    usage_import.counts |= {"merged": merged}
    return True


def _recognised_in(usage_import: UsageImport, source: Source) -> Recognised:
    usage_import.encoding, usage_import.delimiter = source.encoding.name, source.delimiter
    usage_import.header = [name[:100] for name in source.header]
    return _recognised(usage_import)


def _write(usage_import: UsageImport, recognised: Recognised, *, rows: str) -> None:
    """Write the accounts, which count nowhere before the import is committed; ``rows`` has every value of a column."""
    usage_import.sample = [] if usage_import.is_concealed else staging.first_rows(recognised, SAMPLE_ROWS)
    if period := meaning.period_of(recognised, rows):
        usage_import.refreshed_on, usage_import.period_days = period
    usage_import.counts = meaning.write_accounts(usage_import, recognised, products_in=rows)


def _read_skus(usage_import: UsageImport, file: BinaryIO) -> None:
    rows = read_skus(file)
    usage_import.format = Format.SUBSCRIBED_SKUS
    if usage_import.refreshed_on is None:
        raise Question("day")
    counts, problems = sku_counts(usage_import, rows)
    usage_import.rows_total = len(rows)
    usage_import.sample = [[count.part_number, str(count.enabled), str(count.consumed)] for count in counts]
    usage_import.sample = usage_import.sample[:SAMPLE_ROWS]
    ImportProblem.objects.filter(usage_import=usage_import).delete()
    if problems:
        ImportProblem.objects.bulk_create(problems[: staging.PROBLEMS_MAX])
        _leave(usage_import, Status.REFUSED, failure_code="rows_wrong", rows_wrong=len(problems))
        return
    usage_import.counts = {
        "licences": len(counts),
        "bought": sum(count.enabled for count in counts),
        "consumed": sum(count.consumed for count in counts),
    }
    if usage_import.status == Status.COMMITTING:
        SkuCount.objects.bulk_create(counts)
    _finish(usage_import)


def _recognised(usage_import: UsageImport) -> Recognised:
    """Return the table that a person, an earlier file or the header names; raises Question for what nobody knows."""
    header = usage_import.header
    if not usage_import.mapping:
        known = ColumnMapping.objects.filter(
            tenant_id=usage_import.tenant_id, header_digest=header_digest(header)
        ).first()
        if known:
            usage_import.format, usage_import.mapping = known.format, known.mapping
        elif found := recognise(header):
            usage_import.format, usage_import.mapping = found.table.format, dict(found.positions)
        else:
            raise Question("mapping")
    recognised = Recognised(TABLE_OF[Format(usage_import.format)], usage_import.mapping)
    tells_day = {"refreshed", "day"} & set(recognised.positions)
    if not tells_day and usage_import.refreshed_on is None:
        raise Question("day")
    return recognised


def _settle_dates(usage_import: UsageImport, recognised: Recognised, rows: str = "import_row") -> None:
    """Read dates in the order that they prove, or that a person has chosen; raises Question where neither is."""
    order = staging.date_order(recognised, rows)
    if order is None:
        if not usage_import.date_order:
            raise Question("date_order")
        order = usage_import.date_order
    usage_import.date_order = order
    staging.read_dates_as(order)


def _finish(usage_import: UsageImport) -> None:
    """End a reading without a problem: the preview waits for a person, an import counts from here on."""
    same = UsageImport.objects.in_use().filter(
        format=usage_import.format,
        refreshed_on=usage_import.refreshed_on,
        period_days=usage_import.period_days,
        sha256=usage_import.sha256,
    )
    if known := same.exclude(id=usage_import.id).first():
        raise Refused("already_imported", str(known.id))
    if usage_import.status == Status.READING:
        _leave(usage_import, Status.PREVIEWED)
        return
    try:
        with transaction.atomic():
            replace_older(usage_import)
            _leave(usage_import, Status.COMMITTED, committed_at=timezone.now())
    except IntegrityError as error:  # two files of one report and day at once
        raise Outrun from error  # the beat has the other one tried again
    facts = {"format": usage_import.format, "rows": usage_import.rows_total}
    record_by(usage_import.by, "usage_import.committed", usage_import, **facts)
    request_figures(usage_import.tenant_id, usage_import.tenant.today)
    request_unit_days(usage_import.tenant_id, usage_import.refreshed_on or usage_import.tenant.today)


READ_FIELDS = (
    "format",
    "encoding",
    "delimiter",
    "mapping",
    "date_order",
    "refreshed_on",
    "period_days",
    "is_concealed",
    "header",
    "sample",
    "rows_total",
    "counts",
)


def _leave(usage_import: UsageImport, status: Status, **fields: Any) -> None:
    """Write what was read with the new state; raises Outrun where the import has another one by now."""
    values = {name: getattr(usage_import, name) for name in READ_FIELDS}
    values |= {"question": "", "failure_code": "", "failure_detail": "", "rows_wrong": 0, "attempts": 0}
    if not UsageImport.objects.filter(id=usage_import.id, status=usage_import.status).update(
        **(values | fields | {"status": status})
    ):
        raise Outrun
    publish(usage_import.tenant_id, follow_topic(usage_import.tenant_id), {"import": str(usage_import.id)})


def _end(tenant_id: UUID, import_id: UUID, status: Status, **fields: Any) -> None:
    with tenant_scope(tenant_id):
        if UsageImport.objects.filter(id=import_id, status__in=RUNNING).update(status=status, attempts=0, **fields):
            Account.objects.filter(usage_import_id=import_id).delete()  # what a preview had kept
            publish(tenant_id, follow_topic(tenant_id), {"import": str(import_id)})


def proposed_positions(usage_import: UsageImport, format: Format) -> dict[str, int]:
    """Return where the fields of a table seem to stand in the file, for the page that asks."""
    return guess_positions(TABLE_OF[format], usage_import.header)
