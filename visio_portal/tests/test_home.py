"""The first pages: who is led where, what they show by role, and what they cost."""

from datetime import time, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from apps.licensing.tests.factories import ContractFactory, ContractLineFactory
from apps.rooms.models import Occurrence
from apps.rooms.tests.factories import MeetingFactory
from apps.tenants.models import Membership, QuarantinedSignIn, Role, Tenant
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.clients import client_of
from apps.tenants.tests.factories import MembershipFactory, TenantFactory, UserFactory
from apps.transcripts.models import TranscriptionJob
from apps.transcripts.tests.factories import JobFactory, RecordingFactory, TranscriptFactory

pytestmark = pytest.mark.django_db

QUERY_BUDGET = 12


@pytest.fixture
def member() -> Membership:
    return MembershipFactory.create()


def home_of(member: Membership) -> str:
    return reverse("tenant_home", kwargs={"tenant_slug": member.tenant.slug})


def meeting_ahead(member: Membership, title: str) -> None:
    tomorrow = timezone.now() + timedelta(days=1)
    meeting = MeetingFactory.create(organizer=member, title=title, starts_on=tomorrow.date(), start_time=time(10))
    assert meeting.title == title


def test_home_leads_to_the_only_ministry(member: Membership) -> None:
    response = client_of(member).get("/")

    assert response.status_code == 302
    assert response["Location"] == home_of(member)


def test_home_lists_several_ministries(member: Membership) -> None:
    other = MembershipFactory.create(user=member.user)

    page = client_of(member).get("/").content.decode()

    assert home_of(member) in page
    assert home_of(other) in page


def test_home_says_what_to_do_without_a_ministry(client: Client) -> None:
    user = UserFactory.create()
    client.force_login(user)

    assert user.email in client.get("/").content.decode()


def test_home_leads_a_visitor_to_sign_in(client: Client) -> None:
    assert client.get("/")["Location"].startswith(reverse("identity:sign_in"))


def test_tenant_home_is_hidden_from_a_stranger(member: Membership) -> None:
    stranger = MembershipFactory.create()

    assert client_of(stranger).get(home_of(member)).status_code == 404


def test_tenant_home_shows_a_coming_meeting_and_not_a_cancelled_one(member: Membership) -> None:
    meeting_ahead(member, "Comité de direction")
    meeting_ahead(member, "Point budgétaire")
    with tenant_scope(member.tenant.id):
        Occurrence.objects.filter(meeting__title="Point budgétaire").update(status=Occurrence.Status.CANCELLED)

    page = client_of(member).get(home_of(member)).content.decode()

    assert "Comité de direction" in page
    assert "Point budgétaire" not in page


def test_tenant_home_shows_a_failed_job_until_it_is_tried_again(member: Membership) -> None:
    meeting = MeetingFactory.create(organizer=member, title="Retour d’expérience")
    recording = RecordingFactory.create(meeting=meeting)
    failed = TranscriptionJob.Status.FAILED
    JobFactory.create(recording=recording, status=failed, finished_at=timezone.now())
    part = reverse("home_transcribing", kwargs={"tenant_slug": member.tenant.slug})
    assert "fr-badge--error" in client_of(member).get(part).content.decode()

    JobFactory.create(recording=recording)

    assert "fr-badge--error" not in client_of(member).get(part).content.decode()


@pytest.mark.parametrize(
    ("roles", "sections"),
    [
        ([], {"home-meetings", "home-transcripts"}),
        ([Role.PROCUREMENT], {"home-meetings", "home-transcripts", "home-contracts"}),
        ([Role.AUDITOR], {"home-meetings", "home-transcripts", "home-watch"}),
        ([Role.ADMIN], {"home-meetings", "home-transcripts", "home-watch"}),
    ],
)
def test_tenant_home_shows_the_sections_of_each_role(roles: list[str], sections: set[str]) -> None:
    member = MembershipFactory.create(roles=roles)

    page = client_of(member).get(home_of(member)).content.decode()

    known = {"home-meetings", "home-transcripts", "home-contracts", "home-watch"}
    assert {section for section in known if f'id="{section}"' in page} == sections


@pytest.mark.django_db(transaction=True)  # as in production: the middleware's transaction is the outermost
def test_tenant_home_costs_the_same_for_many_rows() -> None:
    member = MembershipFactory.create(roles=[Role.PROCUREMENT, Role.AUDITOR, Role.ADMIN])
    client = client_of(member)
    for number in range(12):
        meeting_ahead(member, f"Réunion {number}")
        recording = RecordingFactory.create(meeting=MeetingFactory.create(organizer=member))
        JobFactory.create(recording=recording)
        TranscriptFactory.create(recording=recording)
        ContractLineFactory.create(contract=ContractFactory.create(tenant=member.tenant))
    client.get(home_of(member))

    with CaptureQueriesContext(connection) as queries:
        assert client.get(home_of(member)).status_code == 200

    statements = [query["sql"] for query in queries if query["sql"] not in ("BEGIN", "COMMIT")]
    assert len(statements) <= QUERY_BUDGET, "\n".join(statements)


def test_operator_home_lists_ministries_and_waiting_establishments() -> None:
    operator = TenantFactory.create(kind=Tenant.Kind.OPERATOR)
    member = MembershipFactory.create(tenant=operator, roles=[Role.OPERATOR])
    ministry = TenantFactory.create(name="Ministère de la Culture")
    QuarantinedSignIn.objects.create(user=UserFactory.create(), siret="13002526500013")

    page = client_of(member).get("/operator/").content.decode()

    assert ministry.name in page
    assert "13002526500013" in page


def test_operator_home_is_hidden_from_others(member: Membership) -> None:
    assert client_of(member).get("/operator/").status_code == 404
