"""The report laid out: PDF/UA-1 and PDF/A-3b, with its tables as a workbook inside."""

from pathlib import Path

from apps.licensing.dashboards.files import workbook_of
from apps.licensing.dashboards.ministry import Dashboard
from apps.licensing.dashboards.report import FILE_NAME, report_of, tables_of
from apps.licensing.printing import pdf_of

TEMPLATE = Path(__file__).with_name("report.typ")


def report_pdf(dashboard: Dashboard) -> bytes:
    """Return the report of a dashboard's figures, its filters applied."""
    tables = tables_of(dashboard)
    return pdf_of(TEMPLATE, report_of(dashboard, tables), {FILE_NAME: workbook_of(tables)})
