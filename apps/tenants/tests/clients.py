"""A member at a browser, signed in without the identity provider."""

from django.test import Client

from apps.tenants.models import Membership


def client_of(member: Membership, *, second_factor: bool = True) -> Client:
    """Return a client signed in as the member, by default with a second factor."""
    client = Client()
    client.force_login(member.user)
    session = client.session
    session["amr"] = ["pwd", "mfa"] if second_factor else ["pwd"]
    session.save()
    return client
