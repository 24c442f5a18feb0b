"""Sign-in through the real provider: who gets in, as whom, and into which ministry."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from apps.tenants.identity import backend
from apps.tenants.identity.claims import parse_userinfo
from apps.tenants.models import IdentityRoute, JournalEvent, Membership, QuarantinedSignIn, User
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.factories import MembershipFactory, TenantFactory, UserFactory
from apps.tenants.tests.sign_in import (
    HUGO,
    INES,
    LEA,
    RAPHAEL,
    Visitor,
    add_route,
    journal_of,
    ministry_of,
    parameters,
)

pytestmark = pytest.mark.django_db
EMAIL_DOMAIN = IdentityRoute.Kind.EMAIL_DOMAIN


def test_sign_in_page_leads_to_proconnect(client: Client) -> None:
    page = client.get("/oidc/sign-in/", {"next": "/t/mer/"}).content.decode()

    assert "S’identifier avec" in page
    assert "https://www.proconnect.gouv.fr/" in page
    assert 'href="/oidc/start/?next=%2Ft%2Fmer%2F"' in page


def test_sign_in_asks_as_proconnect_demands(visitor: Visitor) -> None:
    asked = parameters(visitor.start())

    assert len(asked["state"]) >= 32
    assert len(asked["nonce"]) >= 32
    assert json.loads(asked["claims"]) == {"id_token": {"amr": {"essential": True}}}
    assert asked["scope"].split() == ["openid", "given_name", "usual_name", "email", "uid", "siret", "idp_id"]
    assert set(asked) <= {"response_type", "scope", "client_id", "redirect_uri", "state", "nonce", "claims"}


def test_first_sign_in_joins_the_ministry_of_the_siret(visitor: Visitor) -> None:
    tenant = ministry_of(HUGO)

    response = visitor.sign_in(HUGO, next="/t/somewhere/")

    assert response["Location"] == "/t/somewhere/"
    user = User.objects.get(idp_id=HUGO.idp_id, sub=HUGO.sub)
    assert visitor.user_id == str(user.pk)
    assert (user.email, user.given_name, user.usual_name) == (HUGO.email, "Hugo", "Marchetti")
    with tenant_scope(tenant.pk):
        assert Membership.objects.get(user=user).roles == ["organizer"]
    assert journal_of(tenant) == ["member.joined", "sign_in.succeeded"]


def test_journal_of_a_sign_in_names_nobody(visitor: Visitor) -> None:
    tenant = ministry_of(INES)

    visitor.sign_in(INES)

    with tenant_scope(tenant.pk):
        event = JournalEvent.objects.get(action="sign_in.succeeded")
    assert event.actor_id == User.objects.get().pk
    assert event.data == {"idp_id": INES.idp_id, "amr": ["pwd", "totp", "mfa"]}


def test_second_sign_in_finds_the_same_account_and_takes_over_its_names(visitor: Visitor) -> None:
    tenant = ministry_of(HUGO)
    visitor.sign_in(HUGO)
    User.objects.update(usual_name="Ancien", email="ancien@example.org")

    visitor.client.logout()
    visitor.sign_in(HUGO)

    user = User.objects.get()
    assert (user.usual_name, user.email) == ("Marchetti", HUGO.email)
    with tenant_scope(tenant.pk):
        assert Membership.objects.count() == 1


def test_sign_in_keeps_the_address_that_the_provider_may_not_change(visitor: Visitor) -> None:
    tenant = ministry_of(HUGO)
    visitor.sign_in(HUGO)
    User.objects.update(email="ancien@example.org")
    add_route(tenant, EMAIL_DOMAIN, "transition-numerique.example", idp_id="somebody-else")

    visitor.sign_in(HUGO)

    assert User.objects.get().email == "ancien@example.org"


def test_sign_in_gives_the_session_a_new_key(visitor: Visitor) -> None:
    ministry_of(HUGO)
    address = visitor.choose(HUGO, visitor.start())
    former = visitor.client.session.session_key

    visitor.come_back(address)
    second = visitor.client.session.session_key
    visitor.sign_in(HUGO)

    assert len({former, second, visitor.client.session.session_key}) == 3


def test_another_person_in_the_same_browser_gets_a_session_of_their_own(visitor: Visitor) -> None:
    ministry_of(HUGO)
    visitor.sign_in(HUGO)

    visitor.sign_in(LEA)

    assert visitor.user_id == str(User.objects.get(sub=LEA.sub).pk)
    assert visitor.client.session["amr"] == ["pwd"]
    assert visitor.client.session["oidc_id_token"]


def test_session_lasts_twelve_hours(settings: Settings) -> None:
    assert settings.SESSION_COOKIE_AGE == 12 * 60 * 60
    assert settings.SESSION_ENGINE == "django.contrib.sessions.backends.cached_db"


def test_next_never_leaves_the_portal(visitor: Visitor) -> None:
    ministry_of(HUGO)

    assert visitor.sign_in(HUGO, next="https://elsewhere.example/")["Location"] == "/"


def test_invited_person_is_bound_where_the_provider_vouches_for_the_domain(visitor: Visitor) -> None:
    member = MembershipFactory.create(user__email=LEA.email, user__idp_id="", user__sub="", roles=["procurement"])
    add_route(member.tenant, EMAIL_DOMAIN, "transition-numerique.example", idp_id=LEA.idp_id)

    visitor.sign_in(LEA)

    member.user.refresh_from_db()
    assert (member.user.idp_id, member.user.sub) == (LEA.idp_id, LEA.sub)
    assert visitor.user_id == str(member.user.pk)
    assert journal_of(member.tenant) == ["identity.bound", "sign_in.succeeded"]


@pytest.mark.parametrize("case", ["no route", "another provider", "any provider", "ended"])
def test_invited_person_is_not_bound_otherwise(visitor: Visitor, case: str) -> None:
    member = MembershipFactory.create(user__email=LEA.email, user__idp_id="", user__sub="")
    ministry_of(LEA)
    routes: dict[str, dict[str, Any]] = {
        "another provider": {"idp_id": "somebody-else"},
        "any provider": {"idp_id": ""},
        "ended": {"idp_id": LEA.idp_id, "ends_on": timezone.localdate()},
    }
    if case in routes:
        add_route(member.tenant, EMAIL_DOMAIN, "transition-numerique.example", **routes[case])

    response = visitor.sign_in(LEA)

    assert response.status_code == 403
    assert visitor.user_id is None
    member.user.refresh_from_db()
    assert member.user.sub == ""
    assert journal_of(member.tenant) == ["sign_in.refused"]


def test_same_address_from_another_provider_takes_over_no_account(visitor: Visitor) -> None:
    member = MembershipFactory.create(user__email=HUGO.email, user__idp_id="somebody-else", roles=["admin"])
    ministry_of(HUGO)
    add_route(member.tenant, EMAIL_DOMAIN, "transition-numerique.example", idp_id=HUGO.idp_id)

    response = visitor.sign_in(HUGO)

    assert response.status_code == 403
    assert visitor.user_id is None
    assert User.objects.get().idp_id == "somebody-else"
    assert journal_of(member.tenant) == ["sign_in.refused"]


def test_same_subject_of_another_provider_is_another_person(visitor: Visitor) -> None:
    ministry_of(HUGO)
    other = UserFactory.create(idp_id="somebody-else", sub=HUGO.sub)

    visitor.sign_in(HUGO)

    assert visitor.user_id not in (None, str(other.pk))


def test_provider_makes_no_account_in_a_domain_of_another(visitor: Visitor) -> None:
    tenant = ministry_of(HUGO)
    add_route(tenant, EMAIL_DOMAIN, "transition-numerique.example", idp_id="somebody-else")

    assert visitor.sign_in(HUGO).status_code == 403
    assert not User.objects.exists()


def test_domain_without_a_named_provider_is_open_to_all(visitor: Visitor) -> None:
    tenant = ministry_of(HUGO)
    add_route(tenant, EMAIL_DOMAIN, "transition-numerique.example")

    visitor.sign_in(HUGO)

    assert User.objects.get().email == HUGO.email


def test_unknown_siret_waits_in_quarantine_and_learns_who_to_ask(visitor: Visitor) -> None:
    TenantFactory.create(kind="operator", name="Opérateur", contact_email="accueil@operateur.example")

    response = visitor.sign_in(RAPHAEL)

    assert response.status_code == 403
    page = response.content.decode()
    assert RAPHAEL.siret in page
    assert "mailto:accueil@operateur.example" in page
    assert visitor.user_id is None
    waiting = QuarantinedSignIn.objects.get()
    assert (waiting.siret, waiting.user.sub) == (RAPHAEL.siret, RAPHAEL.sub)


def test_person_without_a_siret_learns_that_the_operator_cannot_help_alone(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backend, "parse_userinfo", lambda claims: replace(parse_userinfo(claims), siret=""))

    page = visitor.sign_in(RAPHAEL).content.decode()

    assert "sans SIRET, l’opérateur de Visio Portal ne peut pas ouvrir l’accès" in page
    assert "avec le numéro ci-dessus" not in page
    assert QuarantinedSignIn.objects.get().siret == ""


def test_quarantine_ends_when_the_siret_gets_a_route(visitor: Visitor) -> None:
    visitor.sign_in(RAPHAEL)
    ministry_of(RAPHAEL)

    visitor.sign_in(RAPHAEL)

    assert visitor.user_id == str(User.objects.get().pk)
    assert not QuarantinedSignIn.objects.exists()


@pytest.mark.parametrize("case", ["ended today", "starts tomorrow", "another provider"])
def test_route_lets_in_only_on_its_days_and_from_its_provider(visitor: Visitor, case: str) -> None:
    today = timezone.localdate()
    routes: dict[str, dict[str, Any]] = {
        "ended today": {"ends_on": today},
        "starts tomorrow": {"starts_on": today + timedelta(days=1)},
        "another provider": {"idp_id": "somebody-else"},
    }
    ministry_of(HUGO, **routes[case])

    assert visitor.sign_in(HUGO).status_code == 403
    assert visitor.user_id is None
    assert QuarantinedSignIn.objects.get().siret == HUGO.siret


def test_membership_that_was_ended_stays_ended(visitor: Visitor) -> None:
    tenant = ministry_of(HUGO)
    visitor.sign_in(HUGO)
    with tenant_scope(tenant.pk):
        Membership.objects.update(ended_at=timezone.now())

    response = Visitor(Client()).sign_in(HUGO)

    assert response.status_code == 403
    assert not QuarantinedSignIn.objects.exists()
    assert journal_of(tenant)[-1] == "sign_in.refused"


def test_member_stays_in_when_the_route_of_the_siret_ends(visitor: Visitor) -> None:
    ministry_of(HUGO)
    visitor.sign_in(HUGO)
    IdentityRoute.objects.update(ends_on=timezone.localdate())

    again = Visitor(Client())
    again.sign_in(HUGO)

    assert again.user_id == str(User.objects.get().pk)


def test_closed_account_is_refused_and_its_session_ends(visitor: Visitor) -> None:
    tenant = ministry_of(HUGO)
    visitor.sign_in(HUGO)
    User.objects.update(is_active=False)

    assert visitor.client.get("/oidc/sign-in/").status_code == 200  # asked who they are
    assert Visitor(Client()).sign_in(HUGO).status_code == 403
    assert journal_of(tenant)[-1] == "sign_in.refused"


def test_signed_in_person_is_not_asked_again(visitor: Visitor) -> None:
    ministry_of(HUGO)
    visitor.sign_in(HUGO)

    assert visitor.client.get("/oidc/sign-in/", {"next": "/t/mer/"})["Location"] == "/t/mer/"
