"""An edition in tables, for its pages and for its documents."""

from collections.abc import Sequence
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.licensing.dashboards.tables import Cell, Column, Kind, Table
from apps.licensing.editions.content import Content, Restated, Told
from apps.licensing.editions.figures import LABELS, NET, cell_of, kind_of
from apps.licensing.state.measures import MONTHLY, StateMeasure
from apps.licensing.state.reading import Figure, Gap

MONEY = (*MONTHLY, NET)
PEOPLE = (StateMeasure.AGENTS, StateMeasure.VISIO_USERS)


def tables_of(content: Content) -> list[Table]:
    """Return an edition's tables: money, coverage and people, and what it says of earlier ones."""
    return [money(content), coverage(content), restatements(content)]


def money(content: Content) -> Table:
    columns = [Column(_("Ministry")), *(Column(str(LABELS[item]), Kind.EUROS) for item in MONEY)]
    rows = [
        [Cell(Kind.TEXT, told.name), *(cell_of(item, told.figures[item]) for item in MONEY)]
        for told in content.ministries
    ]
    rows.append([Cell(Kind.TEXT, _("All, where known")), *(_sum(content, item) for item in MONEY)])
    title = _("Money in %(month)s, in euros before tax") % {"month": month_in_words(content.month)}
    return Table("money", title, columns, rows, _source(), content.whole.oldest_on, note=_known_of(content))


def coverage(content: Content) -> Table:
    """Who spoke of the month, how old the figures are, and the people behind them."""
    columns = [
        Column(_("Ministry")),
        Column(_("Word")),
        Column(_("Figures computed on"), Kind.DAY),
        Column(_("Newest import tells of"), Kind.DAY),
        *(Column(str(LABELS[item]), kind_of(item)) for item in PEOPLE),
    ]
    rows = [_coverage_row(told) for told in content.ministries]
    title = _("Coverage and age of the data")
    return Table("coverage", title, columns, rows, _source(), content.whole.oldest_on, note=coverage_in_words(content))


def restatements(content: Content) -> Table:
    """What earlier editions said, and what it had become when this one was frozen."""
    title = _("Restatements of earlier editions")
    return _restated_table("restatements", title, content.restated, content.frozen_on)


def restated_today(restated: Sequence[Restated], today: date) -> Table:
    """What an edition says, and what its month's figures say today."""
    return _restated_table("today", _("What the figures of this month say today"), restated, today)


def title_of(content: Content) -> str:
    """Return an edition's title, on its pages and on its documents."""
    words = {"number": content.number, "month": month_in_words(content.month)}
    return _("Edition no. %(number)s: %(month)s") % words


def coverage_in_words(content: Content) -> str:
    return _("Confirmed: %(confirmed)s; commented: %(commented)s; no answer: %(silent)s.") % {
        word.value: number for word, number in content.whole.words.items()
    }


def month_in_words(month: date) -> str:
    return date_format(month, "F Y")


def _coverage_row(told: Told) -> list[Cell]:
    return [
        Cell(Kind.TEXT, told.name),
        Cell(Kind.TEXT, str(told.word.label)),
        Cell(Kind.DAY, told.figures_on, reason=_("not computed yet")),
        Cell(Kind.DAY, told.data_on, reason=_("nothing imported")),
        *(cell_of(item, told.figures[item]) for item in PEOPLE),
    ]


def _restated_table(key: str, title: str, restated: Sequence[Restated], as_of: date) -> Table:
    columns = [
        Column(_("Ministry")),
        Column(_("Edition"), Kind.COUNT),
        Column(_("Month"), Kind.MONTH),
        Column(_("Figure")),
        Column(_("As frozen"), Kind.EUROS),
        Column(_("As it is now"), Kind.EUROS),
        Column(_("Difference"), Kind.EUROS),
    ]
    rows = [_restated_row(item) for item in restated]
    return Table(key, title, columns, rows, _source(), as_of, empty=_("Nothing changed."))


def _restated_row(item: Restated) -> list[Cell]:
    change = item.change
    return [
        Cell(Kind.TEXT, item.name),
        Cell(Kind.COUNT, item.edition),
        Cell(Kind.MONTH, item.month),
        Cell(Kind.TEXT, str(change.label)),
        *change.cells,
        change.difference or Cell(kind_of(change.measure), None),
    ]


def _sum(content: Content, measure: str) -> Cell:
    value = content.whole.sums[measure].value
    return cell_of(measure, Figure(value, None if value is not None else Gap.NOT_COMPUTABLE))


def _known_of(content: Content) -> str:
    known = content.whole.sums[NET]
    text = ngettext(
        "The net is known of %(known)s ministry out of %(total)s; sums are of those that are known.",
        "The net is known of %(known)s ministries out of %(total)s; sums are of those that are known.",
        known.known,
    )
    return text % {"known": known.known, "total": known.total}


def _source() -> str:
    return _("the ministries’ daily aggregates")
