"""What contradicts itself in the totals of paid seats, in sentences for files."""

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _

from apps.licensing.amounts import written_count
from apps.licensing.people.totals import Problem, SeatTotals
from visio_portal.dates import written

SENTENCES = {
    Problem.NO_CONTRACT: lambda: _("%(assigned)s paid seats are assigned, and no contract in force pays for them."),
    Problem.NO_FILE: lambda: _("contracts pay for %(contracted)s seats, and no file says who holds them."),
    Problem.OVER_ASSIGNED: lambda: _(
        "%(assigned)s seats are assigned, contracts pay for %(contracted)s: a contract or an amendment is missing."
    ),
    Problem.BOUGHT_DIFFERS: lambda: _(
        "Microsoft counted %(subscribed)s bought seats on %(day)s, contracts pay for %(contracted)s."
    ),
}


def sentences(totals: Sequence[SeatTotals]) -> Iterator[str]:
    """Yield a sentence for each contradiction, after its vendor's name."""
    for item in totals:
        vendor = _("%(vendor)s:") % {"vendor": item.vendor.label}
        counts = {"assigned": item.assigned, "contracted": item.contracted, "subscribed": item.subscribed}
        values = {name: "" if count is None else written_count(count) for name, count in counts.items()}
        values["day"] = written(item.subscribed_on) if item.subscribed_on else ""
        for problem in item.problems:
            yield f"{vendor} {SENTENCES[problem]() % values}"
