"""What makes planning quick, for the demonstration: delegations, date polls, saved groups and a template."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from apps.rooms.addresses import Address
from apps.rooms.invitations.feeds import make_feed
from apps.rooms.models import Delegation, Meeting, Poll, PollAnswer
from apps.rooms.operations import Invitee, MeetingPlan, RoomTaken
from apps.rooms.places.admission import NotAdmitted
from apps.rooms.planning.delegations import give_delegation
from apps.rooms.planning.polls import PollPlan, answer_poll, choose_slot, open_poll
from apps.rooms.planning.saved import save_group, save_template
from apps.tenants.models import Membership, Tenant
from apps.tenants.scoping import tenant_scope
from visio_portal.demonstration.rooms import room_of
from visio_portal.demonstration.tenants import member_of

PARIS = ZoneInfo("Europe/Paris")
YES, IF_NEEDED, NO = PollAnswer.Choice.YES, PollAnswer.Choice.IF_NEEDED, PollAnswer.Choice.NO
# Who lets whom schedule in their name, and for how many days from today (None: until it is ended).
DELEGATIONS = (
    ("territoires", "helene-marchand", "nathalie-brunet", None),
    ("territoires", "olivier-perrin", "nathalie-brunet", None),
    ("transition-numerique", "antoine-delmas", "claire-vasseur", 60),
)
PREFECTS = (
    Address("prefete@occitanie.example", "Préfecture de région Occitanie"),
    Address("prefet@bretagne.example", "Préfecture de région Bretagne"),
    Address("prefet@la-reunion.example", "Préfecture de La Réunion"),
)
SUPPLIERS = (Address("avant-vente@editeur.example", "Éditeur"), Address("projet@integrateur.example", "Intégrateur"))


def seed_planning(today: date) -> None:
    """Let secretaries act, ask for dates, and save groups and a template, around a day; once."""
    with tenant_scope(Tenant.objects.get(slug="territoires").id):
        if Delegation.objects.exists():
            return
    for slug in ("territoires", "transition-numerique"):
        tenant = Tenant.objects.get(slug=slug)
        with tenant_scope(tenant.id):
            _delegate(tenant, today)
            seed_for = {"territoires": _plan_cabinet, "transition-numerique": _plan_rollout}[slug]
            seed_for(tenant, today)


def _delegate(tenant: Tenant, today: date) -> None:
    for slug, principal, delegate, days in DELEGATIONS:
        if slug == tenant.slug:
            give_delegation(
                by=member_of(tenant, principal),
                delegate=member_of(tenant, delegate),
                starts_on=today,
                ends_on=today + timedelta(days=days) if days else None,
            )


def _plan_cabinet(tenant: Tenant, today: date) -> None:
    """A secretary asks for dates in the minister's name: one poll still runs, of another the date is chosen."""
    minister, secretary = member_of(tenant, "helene-marchand"), member_of(tenant, "nathalie-brunet")
    cabinet = _invitees(tenant, "olivier-perrin", "sophie-lambert", "etienne-castaing")
    prefects = tuple(Invitee(one.email, one.name) for one in PREFECTS)
    plan = MeetingPlan(
        title="Rencontre avec les préfets de région",
        agenda="Bilan du déploiement de Visio\nCalendrier des services déconcentrés",
        starts_on=today,
        start_time=time(10),
        duration_minutes=90,
        room=room_of(tenant, "Salle Arago"),
        invitees=(*cabinet[:2], *prefects),
    )
    poll = _ask(secretary, minister, plan, _slots(today, 3, ("tue 10:00", "wed 15:00", "thu 09:30", "fri 11:00")), 9)
    _answer(poll, "olivier.perrin@territoires.example", YES, NO, YES, IF_NEEDED)
    _answer(poll, PREFECTS[0].email, IF_NEEDED, YES, YES, NO)
    _answer(poll, PREFECTS[2].email, NO, YES, YES, NO)

    plan = replace(plan, title="Arbitrages budgétaires", agenda="Crédits de 2027", invitees=cabinet, room=None)
    chosen = _ask(secretary, minister, plan, _slots(today, 2, ("tue 17:00", "thu 17:00")), 4)
    for person in cabinet:
        _answer(chosen, person.email, IF_NEEDED, YES)
    choose_slot(poll=chosen, slot=chosen.meeting.occurrences.order_by("start_at")[1], by=secretary)

    save_group(by=minister, name="Préfets de région", people=PREFECTS, for_unit=True)
    meeting = Meeting.objects.filter(organizer=minister, title="Réunion de cabinet").latest("starts_on")
    save_template(by=minister, name="Réunion de cabinet", meeting=meeting, for_unit=True)
    make_feed(by=minister)


def _plan_rollout(tenant: Tenant, today: date) -> None:
    """The project leader asks suppliers for a date."""
    leader = member_of(tenant, "claire-vasseur")
    team = _invitees(tenant, "karim-benali", "antoine-delmas", "nadia-roussel")
    plan = MeetingPlan(
        title="Atelier de reprise des réunions Teams",
        agenda="Fichiers à exporter\nOrdre des services",
        starts_on=today,
        start_time=time(10),
        duration_minutes=120,
        room=room_of(tenant, "Salle Grace Hopper"),
        invitees=(*team, *(Invitee(one.email, one.name) for one in SUPPLIERS)),
    )
    poll = _ask(leader, leader, plan, _slots(today, 2, ("tue 14:00", "wed 09:30", "thu 14:00")), 5)
    _answer(poll, team[0].email, YES, YES, NO)
    _answer(poll, team[1].email, YES, IF_NEEDED, NO)
    _answer(poll, SUPPLIERS[0].email, YES, NO, IF_NEEDED)
    save_group(by=leader, name="Prestataires de Visio", people=SUPPLIERS, for_unit=False)
    meeting = Meeting.objects.filter(organizer=leader, title="Comité de déploiement de Visio").latest("starts_on")
    save_template(by=leader, name="Comité de déploiement", meeting=meeting, for_unit=True)
    make_feed(by=leader)


def _invitees(tenant: Tenant, *keys: str) -> tuple[Invitee, ...]:
    users = [member_of(tenant, key).user for key in keys]
    return tuple(Invitee(user.email, user.full_name) for user in users)


def _slots(today: date, weeks: int, times: tuple[str, ...]) -> tuple[datetime, ...]:
    """Return wall times such as ``tue 10:00`` of the week that comes so many weeks after this one."""
    monday = today + timedelta(weeks=weeks, days=-today.weekday())
    days: Mapping[str, int] = {"mon": 0, "tue": 1, "wed": 2, "thu": 3, "fri": 4}
    found = []
    for text in times:
        day, clock = text.split()
        found.append(datetime.combine(monday + timedelta(days=days[day]), time.fromisoformat(clock)))
    return tuple(found)


def _ask(by: Membership, organizer: Membership, plan: MeetingPlan, slots: tuple[datetime, ...], days: int) -> Poll:
    """Open a poll whose answers are due in so many days; without its room where that is taken or closed."""
    plan = replace(plan, starts_on=slots[0].date(), start_time=slots[0].time())
    due = datetime.combine(organizer.tenant.today + timedelta(days=days), time(), PARIS)
    try:
        return open_poll(by=by, organizer=organizer, plan=PollPlan(plan, slots, due))
    except (NotAdmitted, RoomTaken):
        return open_poll(by=by, organizer=organizer, plan=PollPlan(replace(plan, room=None), slots, due))


def _answer(poll: Poll, email: str, *choices: PollAnswer.Choice) -> None:
    slots = poll.meeting.occurrences.order_by("start_at").values_list("id", flat=True)
    said = dict(zip(slots, choices, strict=True))
    answer_poll(poll=poll, attendee=poll.meeting.attendees.get(email=email), choices=said)
