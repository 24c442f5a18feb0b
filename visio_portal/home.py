"""The first pages: a person's ministries, what to do now in one of them, and the operator's tenants."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Exists, IntegerField, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from apps.licensing.contracts.notices import losses_of, notice_dates
from apps.licensing.figures import tenant_figures as licensing_figures
from apps.licensing.models import Contract
from apps.rooms.models import Occurrence
from apps.rooms.places.requests import awaiting
from apps.tenants.models import JournalEvent, Membership, Role, Tenant
from apps.transcripts.models import Recording, Transcript, TranscriptionJob
from visio_portal.interface import home_url_of, ministry_of, tenants_of

if TYPE_CHECKING:
    from apps.tenants.models import TenantRequest

ROWS_SHOWN = 5
RECENT = timedelta(days=7)
SOON = timedelta(days=90)  # a notice date this near is shown as a warning
WORKER_SILENT = timedelta(minutes=2)  # a job that waits longer is not being fetched by any worker


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """List the person's ministries; with only one, go there."""
    tenants = tenants_of(request.user)  # type: ignore[arg-type]  # nobody anonymous comes here
    if len(tenants) == 1:
        return redirect(home_url_of(tenants[0]))
    return render(request, "home/index.html", {"ministries": [ministry_of(tenant) for tenant in tenants]})


@require_safe
def tenant_home(request: "TenantRequest") -> HttpResponse:
    """Show what the member has to do now, by role."""
    membership, now = request.membership, timezone.now()
    context: dict[str, Any] = {
        "next_occurrences": next_occurrences(membership, now),
        "jobs": jobs_to_follow(membership, now),
        "transcripts": transcripts_to_review(membership),
        "watches_contracts": membership.has_role(Role.PROCUREMENT),
        "watches_journal": membership.has_role(Role.AUDITOR, Role.ADMIN),
        "administers": membership.has_role(Role.ADMIN),
    }
    if context["watches_contracts"]:
        context |= contracts_to_watch(request.tenant, now)
    if context["watches_journal"]:
        context |= counted(membership, now)
    else:
        context["room_request_count"] = awaiting(membership).order_by().values("meeting").distinct().count()
    return render(request, "home/tenant.html", context)


@require_safe
def transcribing(request: "TenantRequest") -> HttpResponse:
    """Render the jobs alone, for the home page's live part."""
    return render(request, "home/jobs.html", {"jobs": jobs_to_follow(request.membership, timezone.now())})


def next_occurrences(membership: Membership, now: datetime) -> QuerySet[Occurrence]:
    """Return the next meetings, those that are taking place among them."""
    visible = Occurrence.objects.visible_to(membership).exclude(status=Occurrence.Status.CANCELLED)
    return visible.filter(end_at__gt=now).select_related("meeting", "room").order_by("start_at")[:ROWS_SHOWN]


def jobs_to_follow(membership: Membership, now: datetime) -> QuerySet[TranscriptionJob]:
    """Return what is being transcribed, and what failed lately and was not tried again."""
    status = TranscriptionJob.Status
    later = TranscriptionJob.objects.filter(recording=OuterRef("recording"), created_at__gt=OuterRef("created_at"))
    failed_lately = Q(status=status.FAILED, finished_at__gt=now - RECENT) & ~Exists(later)
    jobs = TranscriptionJob.objects.filter(Q(status__in=[status.QUEUED, status.RUNNING]) | failed_lately)
    mine = jobs.filter(recording__in=Recording.objects.editable_by(membership))
    return mine.select_related("recording__meeting").order_by("-created_at")[:ROWS_SHOWN]


def transcripts_to_review(membership: Membership) -> QuerySet[Transcript]:
    """Return the transcripts that the member may still correct, the oldest first."""
    editable = Transcript.objects.editable_by(membership).order_by("created_at")
    return editable.select_related("recording__meeting")[:ROWS_SHOWN]


def contracts_to_watch(tenant: Tenant, now: datetime) -> dict[str, Any]:
    """Return the notice dates on which something is still to be done, what missed ones cost, and the potential."""
    today = now.astimezone(tenant.zone).date()
    contracts = Contract.objects.filter(tenant=tenant).with_lines()
    figures = licensing_figures(tenant, contracts, today)
    dates = notice_dates([item.contract for item in figures.contracts], today)
    waiting = [notice for notice in dates if notice.is_open]
    return {
        "savings": figures,
        "notices": waiting[:ROWS_SHOWN],
        "more_notices": len(waiting[ROWS_SHOWN:]),
        "losses": losses_of(dates),
        "soon_on": today + SOON,
    }


def counted(membership: Membership, now: datetime) -> dict[str, Any]:
    """Count members, journal events, waiting jobs, and meetings that ask for the member's rooms in one query."""
    events = JournalEvent.objects.filter(created_at__gt=now - RECENT)
    queued = TranscriptionJob.objects.filter(status=TranscriptionJob.Status.QUEUED)
    heartbeats = TranscriptionJob.objects.filter(tenant=OuterRef("id")).order_by().values("tenant")
    asking = awaiting(membership).order_by().values("tenant").annotate(number=Count("meeting", distinct=True))
    figures = Tenant.objects.filter(id=membership.tenant_id).values(
        room_request_count=Coalesce(Subquery(asking.values("number")), 0, output_field=IntegerField()),
        member_count=count_of(Membership.objects.active()),
        event_count=count_of(events),
        waiting_job_count=count_of(queued),
        silent_job_count=count_of(queued.filter(created_at__lt=now - WORKER_SILENT)),
        worker_seen_at=Subquery(heartbeats.annotate(last=Max("heartbeat_at")).values("last")),
    )
    return dict(figures.get())


def count_of(rows: QuerySet[Any]) -> Coalesce:
    """Return how many of these rows a tenant of the outer query has."""
    counted = rows.filter(tenant=OuterRef("id")).order_by().values("tenant").annotate(number=Count("id"))
    return Coalesce(Subquery(counted.values("number")), 0, output_field=IntegerField())
