"""The figures of a reconciliation in words: each with its formula, its source and the day that it tells of."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.utils.translation import gettext as _

from apps.licensing.models import Format, Reclaim, UsageImport
from apps.licensing.people.reconciliation import VendorFigures
from apps.licensing.people.sources import Window


class FigureLine(NamedTuple):
    """One figure; ``value`` None is not computable, and then ``source`` says what is missing."""

    label: str
    hint: str
    value: int | Decimal | None
    is_percent: bool
    source: str
    as_of: date | None
    reason: str  # the work list behind it, where there is one


def figure_lines(figures: VendorFigures) -> list[FigureLine]:
    """Return a vendor's figures in the order in which they are read."""
    return list(_lines(figures))


def _lines(item: VendorFigures) -> Iterator[FigureLine]:
    seats, sources = _seats(item), item.sources
    active = _window(sources.active, _("Import the activity of 30 days."))
    dormant = _window(sources.dormant, _("Import the activity of 90 days, or lists of meetings that cover them."))
    yield _line(_("Bought"), _("seats that are paid for"), item.bought.seats if item.bought else None, _bought(item))
    yield _line(_("Assigned"), _("paid accounts"), item.assigned, seats)
    yield _line(_("Bought, not assigned"), _("shelfware: bought − assigned"), item.shelfware, _bought(item))
    yield _line(_("Active"), _("met or called in 30 days"), item.active, active)
    yield _line(_("Utilisation"), _("active ÷ assigned"), item.utilisation, active, is_percent=True)
    yield _line(
        _("Dormant"), _("assigned, no meeting or call in 90 days"), item.dormant, dormant, reason=Reclaim.Reason.DORMANT
    )
    yield _line(
        _("Blocked, but licensed"),
        _("cannot sign in, the seat is paid"),
        item.blocked,
        _import(sources.blocked, _("Import the users of the admin centre.")),
        reason=Reclaim.Reason.BLOCKED,
    )
    yield _line(
        _("Deleted, but licensed"),
        _("beside the assigned seats"),
        item.deleted,
        _import(sources.deletions, _("No file of this vendor tells of deleted accounts.")),
        reason=Reclaim.Reason.DELETED,
    )
    yield _line(
        _("Equipped twice"),
        _("the person holds a paid seat of Microsoft and of Zoom"),
        item.double,
        seats if item.double is not None else (_("Import the accounts of both vendors."), None),
        reason=Reclaim.Reason.DOUBLE,
    )


def _line(
    label: str,
    hint: str,
    value: int | Decimal | None,
    source: tuple[str, date | None],
    *,
    is_percent: bool = False,
    reason: str = "",
) -> FigureLine:
    if value is not None and source[1] is None:  # no list stands behind a total
        source, reason = (_("A report with concealed names: its total alone"), None), ""
    return FigureLine(label, hint, value, is_percent, *source, reason if value else "")


def _bought(item: VendorFigures) -> tuple[str, date | None]:
    bought = item.bought
    if bought is None:
        return _("Enter the contract that pays for these seats."), None
    if bought.usage_import is not None:
        return _in_words(bought.usage_import), bought.as_of
    names = ", ".join(contract.name for contract in bought.contracts)
    return _("Contracts: %(names)s") % {"names": names}, bought.as_of


def _seats(item: VendorFigures) -> tuple[str, date | None]:
    return _import(item.sources.seats, _("Import the accounts of this vendor."))


def _import(usage_import: UsageImport | None, missing: str) -> tuple[str, date | None]:
    return (missing, None) if usage_import is None else (_in_words(usage_import), usage_import.refreshed_on)


def _window(window: Window | None, missing: str) -> tuple[str, date | None]:
    if window is None:
        return missing, None
    formats = dict.fromkeys(_in_words(item) for item in window.imports)
    return ", ".join(formats), window.ends_on


def _in_words(usage_import: UsageImport) -> str:
    return str(Format(usage_import.format).label)
