"""Two to four columns of assumptions beside what holds now, each computed to 2030."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from itertools import groupby
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.translation import gettext as _

from apps.licensing import savings
from apps.licensing.amounts import written_count
from apps.licensing.dashboards.charts import line_chart
from apps.licensing.dashboards.tables import Cell, Chart, Kind, Table, row
from apps.licensing.dashboards.tables import Column as Heading
from apps.licensing.models import Scenario
from apps.licensing.savings import Outcome, ScenarioMonth, Situation, total_eur
from apps.licensing.savings_pages.advice import Advice, advice_of_tenant
from apps.licensing.savings_pages.book import Sheet
from apps.licensing.scenarios.forms import ColumnForm
from apps.tenants.models import Tenant

FEWEST, MOST = 2, 4
SLOW_MONTHS, FAST_MONTHS = 36, 18
PACE_STEPS = 200


@dataclass(frozen=True)
class Slider:
    """A number of a column, to be typed or slid."""

    name: str
    label: str
    value: str
    least: str
    most: str
    step: str
    suffix: str = ""
    hint: str = ""
    is_optional: bool = False
    errors: Sequence[str] = ()


@dataclass(frozen=True)
class Removable:
    """A column that can be taken out, and the address without it."""

    number: int
    query: str


@dataclass(frozen=True)
class Year:
    """A year of an outcome; None where one of its months is not computable."""

    year: int
    gain_eur: Decimal | None
    sunk_eur: Decimal | None
    run_eur: Decimal | None
    one_off_eur: Decimal | None
    net_eur: Decimal | None
    cumulative_eur: Decimal | None


@dataclass(frozen=True)
class Result:
    """One computed column; ``form`` None: what holds now, if nothing more is done."""

    title: str
    outcome: Outcome
    tenant: Tenant
    form: ColumnForm | None = None

    @cached_property
    def years(self) -> list[Year]:
        months = groupby(self.outcome.months, key=lambda item: item.month.year)
        return [year_of(year, list(items)) for year, items in months]

    @property
    def advice(self) -> list[Advice]:
        return [advice_of_tenant(what, self.tenant) for what in self.outcome.missing]

    @property
    def keep_query(self) -> str:
        """The assumptions as the form that keeps them takes them."""
        held = self.outcome.assumptions
        values = {
            "name": held.name,
            "migrated_per_month": held.migrated_per_month,
            "buffer_percent": held.buffer_percent,
            "price_rise_percent": held.price_rise_percent,
            "run_cost_eur_per_user": "" if held.run_cost_eur_per_user is None else held.run_cost_eur_per_user,
        }
        return urlencode(values)


@dataclass(frozen=True)
class Comparison:
    """The columns of an address, computed from a ministry's situation."""

    tenant: Tenant
    situation: Situation
    forms: list[ColumnForm]

    @cached_property
    def results(self) -> list[Result]:
        now = Result(_("What we have now"), savings.unchanged(self.situation), self.tenant)
        return [now, *(self._result(number, form) for number, form in enumerate(self.forms, 1) if form.is_valid())]

    def _result(self, number: int, form: ColumnForm) -> Result:
        title = form.cleaned_data["name"] or _("Scenario %(number)s") % {"number": number}
        outcome = savings.outcome(self.situation, replace(form.assumptions, name=title))
        return Result(title, outcome, self.tenant, form)

    @property
    def columns(self) -> list[tuple[int, ColumnForm, list[Slider]]]:
        return [(number, form, self.sliders(form)) for number, form in enumerate(self.forms, 1)]

    def sliders(self, form: ColumnForm) -> list[Slider]:
        """Return the numbers of a column, with the limits of their sliders."""
        most = self.situation.eligible or 1000
        pace_step = max(1, round(most / PACE_STEPS))
        limits = {
            "pace": ("0", str(max(pace_step, most // 6 // pace_step * pace_step)), str(pace_step), ""),
            "buffer": ("0", "10", "0.5", "\u00a0%"),
            "rise": ("-10", "20", "0.5", "\u00a0%"),
            "run": ("0", "60", "0.5", "\u00a0€"),
        }
        eligible = _("of %(agents)s eligible agents") % {"agents": written_count(most)}
        hints = {
            "pace": eligible if self.situation.eligible else "",
            "buffer": _("Seats that are kept beyond the need"),
            "run": _("Empty: the run cost that the operator entered"),
        }
        return [
            Slider(
                name=form.add_prefix(name),
                label=str(form.fields[name].label),
                value=text_in(form, name),
                least=least,
                most=most_text,
                step=step,
                suffix=suffix,
                hint=hints.get(name, ""),
                is_optional=not form.fields[name].required,
                errors=[str(error) for error in form.errors.get(name, [])],
            )
            for name, (least, most_text, step, suffix) in limits.items()
        ]

    @property
    def more_query(self) -> str:
        """The address with one column more; empty where there is no room for it."""
        return query_of([*self.forms, self.forms[-1]]) if len(self.forms) < MOST else ""

    @property
    def removable(self) -> list[Removable]:
        """The columns that can be taken out, with the address without them."""
        places = range(1, len(self.forms) + 1) if len(self.forms) > FEWEST else ()
        return [Removable(place, query_of([*self.forms[: place - 1], *self.forms[place:]])) for place in places]

    @property
    def query(self) -> str:
        return query_of(self.forms)

    @cached_property
    def sheets(self) -> list[Sheet]:
        return [Sheet(self.net_by_year, []), Sheet(self.years, [])]

    @property
    def net_by_year(self) -> Table:
        """Each column's net since now, at the end of every year."""
        columns = [Heading(_("Year")), *(Heading(item.title, Kind.EUROS) for item in self.results)]
        by_year = zip(*(item.years for item in self.results), strict=True)
        rows = [row(columns, str(items[0].year), *(item.cumulative_eur for item in items)) for items in by_year]
        return self._table("net", _("Net since now, at the end of each year"), columns, rows, self._chart())

    def _chart(self) -> Chart | None:
        columns = [Heading(_("Month"), Kind.MONTH), *(Heading(item.title, Kind.EUROS) for item in self.results)]
        months = zip(*(item.outcome.months for item in self.results), strict=True)
        rows = [row(columns, items[0].month, *(item.net.cumulative_eur for item in items)) for items in months]
        known = [number for number in range(1, len(columns)) if any(cells[number].value is not None for cells in rows)]
        if not known:
            return None
        return line_chart(rows, names=[columns[number].heading for number in known], series=known, unit="€")

    @property
    def years(self) -> Table:
        """What each column's net is made of, year by year."""
        columns = [
            Heading(_("Scenario")),
            Heading(_("Year")),
            Heading(_("Gains (G)"), Kind.EUROS),
            Heading(_("Run cost (R)"), Kind.EUROS),
            Heading(_("One-off costs (M)"), Kind.EUROS),
            Heading(_("Net (N)"), Kind.EUROS),
            Heading(_("Net since now"), Kind.EUROS),
        ]
        rows = [
            row(
                columns,
                item.title,
                str(year.year),
                year.gain_eur,
                year.run_eur,
                year.one_off_eur,
                year.net_eur,
                year.cumulative_eur,
            )
            for item in self.results
            for year in item.years
        ]
        return self._table("years", _("What the net is made of"), columns, rows, None)

    def _table(
        self, key: str, title: str, columns: list[Heading], rows: list[list[Cell]], chart: Chart | None
    ) -> Table:
        return Table(
            key=key,
            title=title,
            columns=columns,
            rows=rows,
            source=_("the contracts of today under the assumptions above, before tax"),
            as_of=self.situation.today,
            chart=chart,
        )


def year_of(year: int, months: list[ScenarioMonth]) -> Year:
    return Year(
        year,
        total_eur(item.net.gain_eur for item in months),
        total_eur(item.sunk_eur for item in months),
        total_eur(item.net.run_eur for item in months),
        total_eur(item.net.one_off_eur for item in months),
        total_eur(item.net.net_eur for item in months),
        months[-1].net.cumulative_eur,
    )


def comparison_of(query: QueryDict, kept: Sequence[Scenario], tenant: Tenant, situation: Situation) -> Comparison:
    """Return the columns of an address: those written in it, else the kept scenarios it names, else a proposal."""
    written = [number for number in range(1, MOST + 1) if f"c{number}-pace" in query]
    if written:
        forms = [ColumnForm(query, number) for number in written]
        renumbered = [ColumnForm(data_of(form, place), place) for place, form in enumerate(forms, 1)]
        return Comparison(tenant, situation, with_proposals(renumbered, situation))
    wanted = query.getlist("scenario")
    chosen = [item for item in kept if str(item.id) in wanted] or list(kept[: MOST - 1])
    forms = [column_of_kept(item, place) for place, item in enumerate(chosen[:MOST], 1)]
    return Comparison(tenant, situation, with_proposals(forms, situation))


def with_proposals(forms: list[ColumnForm], situation: Situation) -> list[ColumnForm]:
    """Return at least two columns: a steady and a fast migration where they are missing."""
    proposals = list(proposed(situation))
    while len(forms) < FEWEST:
        name, pace = proposals[len(forms)]
        place = len(forms) + 1
        held = {"name": name, "pace": pace, "buffer": 5, "rise": 3, "run": "", "kept": ""}
        forms = [*forms, ColumnForm({f"c{place}-{key}": str(value) for key, value in held.items()}, place)]
    return forms


def proposed(situation: Situation) -> Iterator[tuple[str, int]]:
    left = max(0, (situation.eligible or 0) - (situation.migrated or 0))
    yield _("Steady migration"), -(-left // SLOW_MONTHS)
    yield _("Fast migration"), -(-left // FAST_MONTHS)


def column_of_kept(scenario: Scenario, place: int) -> ColumnForm:
    run = scenario.run_cost_eur_per_user
    held = {
        "name": scenario.name,
        "pace": scenario.migrated_per_month,
        "buffer": scenario.buffer_percent,
        "rise": scenario.price_rise_percent,
        "run": "" if run is None else run,
        "kept": scenario.id,
    }
    return ColumnForm({f"c{place}-{key}": str(value) for key, value in held.items()}, place)


def data_of(form: ColumnForm, place: int) -> dict[str, str]:
    """Return what a column was sent with, as that of another place."""
    return {f"c{place}-{name}": text_in(form, name) for name in form.fields}


def text_in(form: ColumnForm, name: str) -> str:
    value = form[name].value()
    return "" if value is None else str(value)


def query_of(forms: Sequence[ColumnForm]) -> str:
    """Return the address of columns, in the order given."""
    pairs: dict[str, str] = {}
    for place, form in enumerate(forms, 1):
        pairs |= data_of(form, place)
    return urlencode(pairs)
