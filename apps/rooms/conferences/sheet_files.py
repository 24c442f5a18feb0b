"""The sign-in sheet as a file: CSV for a spreadsheet, PDF for the record."""

import csv
import json
from io import StringIO
from pathlib import Path
from zoneinfo import ZoneInfo

import typst
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from apps.rooms.conferences.attendance import Interval
from apps.rooms.conferences.sheets import Sheet, SheetRow
from apps.rooms.invitations.ical import one_line
from apps.rooms.models import Occurrence
from apps.rooms.templatetags.meetings import when
from visio_portal.spreadsheet_cells import guarded

TEMPLATE = Path(__file__).with_name("sheet.typ")


def csv_of(sheet: Sheet, zone: ZoneInfo) -> bytes:
    """Return the sheet as spreadsheets read it: UTF-8 with a mark, semicolons, one line per interval."""
    out = StringIO()
    writer = csv.writer(out, delimiter=";")
    writer.writerow(
        [_("Name"), _("E-mail address"), _("Came at"), _("Left at"), _("Minutes"), _("Percent"), _("Present")]
    )
    for row in sheet.rows:
        for interval in row.intervals:
            end = interval.end.astimezone(zone).isoformat(timespec="seconds") if interval.end else ""
            start = interval.start.astimezone(zone).isoformat(timespec="seconds")
            told = [row.name, row.email, start, end, row.minutes, row.percent, _yes_or_no(row.is_present)]
            writer.writerow([guarded(value) for value in told])
    for attendee in sheet.missing:
        line = [attendee.name or attendee.email, attendee.email, "", "", 0, 0, _yes_or_no(is_so=False)]
        writer.writerow([guarded(value) for value in line])
    return out.getvalue().encode("utf-8-sig")


def pdf_of(sheet: Sheet, zone: ZoneInfo) -> bytes:
    """Return the sheet as PDF/UA-1 (ISO 14289), as far as its fonts go; what people typed goes in as data."""
    meeting = sheet.occurrence.meeting
    data = {
        "language": (get_language() or "fr")[:2],
        "title": _("Sign-in sheet"),
        "meeting": one_line(sheet.occurrence.title or meeting.title),
        "when": when(sheet.occurrence, zone),
        "organizer": _("Organiser: %(name)s") % {"name": meeting.organizer},
        "summary": summary_of(sheet),
        "headings": [_("Name"), _("Came and left"), _("Minutes"), _("Percent"), _("Present")],
        "rows": [_cells(row, zone) for row in sheet.rows],
        "nobody": _("Nobody was in the conference."),
        "missing_title": _("Invited, not recognised in the conference"),
        "missing": [one_line(attendee.name) or attendee.email for attendee in sheet.missing],
        "note": _("Computed from the conference’s own events; times are those of %(zone)s.") % {"zone": zone.key},
    }
    inputs = {"sheet": json.dumps(data)}
    try:
        document: bytes = typst.compile(TEMPLATE.read_bytes(), format="pdf", sys_inputs=inputs, pdf_standards="ua-1")
    except typst.TypstError:  # PDF/UA refuses a name in a script that the fonts lack; the sheet is wanted all the same
        document = typst.compile(TEMPLATE.read_bytes(), format="pdf", sys_inputs=inputs)
    return document


def summary_of(sheet: Sheet) -> str:
    """Return how many were there for as long as the organiser asks."""
    words = {"present": sheet.present_count, "people": len(sheet.rows), "percent": sheet.threshold}
    return _("%(present)s of %(people)s people were there for at least %(percent)s %% of the planned time.") % words


# By the end of the file's name: who writes it, and its media type.
SHEETS = {"csv": (csv_of, "text/csv; charset=utf-8"), "pdf": (pdf_of, "application/pdf")}


def file_name(occurrence: Occurrence, sheet_format: str) -> str:
    """Return "presence-2026-11-23.csv", by the ministry's clocks."""
    day = occurrence.start_at.astimezone(occurrence.tenant.zone).date().isoformat()
    return f"{_('attendance')}-{day}.{sheet_format}"


def interval_in_words(interval: Interval, zone: ZoneInfo) -> str:
    """Return "09:58 – 10:31", or "since 09:58" for one that lasts."""
    start = date_format(interval.start.astimezone(zone), "TIME_FORMAT")
    if interval.end is None:
        return _("since %(time)s") % {"time": start}
    return f"{start} – {date_format(interval.end.astimezone(zone), 'TIME_FORMAT')}"


def _cells(row: SheetRow, zone: ZoneInfo) -> list[str]:
    intervals = ", ".join(interval_in_words(interval, zone) for interval in row.intervals)
    return [one_line(row.name), intervals, str(row.minutes), f"{row.percent} %", _yes_or_no(row.is_present)]


def _yes_or_no(is_so: bool) -> str:
    return _("yes") if is_so else _("no")
