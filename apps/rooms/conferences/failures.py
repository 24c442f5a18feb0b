"""Why Visio did not make a conference, in the words of those who can do something about it."""

from collections.abc import Mapping

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.rooms.adapters import visio


class Failure(models.TextChoices):
    """What stood in the way; the label is what people read on the meeting's page."""

    NOT_CONNECTED = "not_connected", _("Your ministry’s Visio is not connected to the portal yet.")
    UNAVAILABLE = "unavailable", _("Visio does not answer at the moment; the portal keeps trying.")
    CREDENTIALS = "credentials", _("Visio no longer accepts the portal’s credentials.")
    DOMAIN = "domain", _("Visio does not let the portal act for the organiser’s e-mail domain.")
    UNKNOWN_USER = "unknown_user", _("Visio does not know the organiser yet.")
    PROVISIONAL_USER = "provisional_user", _("The organiser has never signed in to Visio.")
    NOT_ALLOWED = "not_allowed", _("The organiser has no rights in the room any more.")
    ROOM_GONE = "room_gone", _("The room no longer exists in Visio.")
    REFUSED = "refused", _("Visio does not accept the request.")


# What to do, and who does it.
ADVICE: Mapping[Failure, Promise] = {
    Failure.NOT_CONNECTED: _("An administrator enters the address and the credentials under “Connection to Visio”."),
    Failure.CREDENTIALS: _("An administrator checks client id and secret under “Connection to Visio”."),
    Failure.DOMAIN: _("The team of Visio adds the domain to your ministry’s application."),
    Failure.UNKNOWN_USER: _("The organiser signs in to Visio once, then tries again on the meeting’s page."),
    Failure.PROVISIONAL_USER: _("The organiser signs in to Visio once, then tries again on the meeting’s page."),
    Failure.REFUSED: _("An administrator shows this message to the team of Visio."),
}

# These concern one person, so that another organiser may have the room made.
OF_THE_OWNER = frozenset({Failure.DOMAIN, Failure.UNKNOWN_USER, Failure.PROVISIONAL_USER})
# The room is lost, or nobody can look after it: another one takes its place.
OF_THE_ROOM = OF_THE_OWNER | {Failure.NOT_ALLOWED, Failure.ROOM_GONE}
# The next conference would meet the same.
OF_THE_WHOLE = frozenset({Failure.NOT_CONNECTED, Failure.UNAVAILABLE, Failure.CREDENTIALS})

_FAILURES: Mapping[type[visio.VisioError], Failure] = {
    visio.VisioUnavailable: Failure.UNAVAILABLE,
    visio.CredentialsRefused: Failure.CREDENTIALS,
    visio.DomainNotAllowed: Failure.DOMAIN,
    visio.UnknownUser: Failure.UNKNOWN_USER,
    visio.ProvisionalUser: Failure.PROVISIONAL_USER,
    visio.NotAllowed: Failure.NOT_ALLOWED,
    visio.RoomNotFound: Failure.ROOM_GONE,
    visio.RequestRefused: Failure.REFUSED,
}


def failure_of(error: visio.VisioError) -> Failure:
    """Return what an error of the adapter is."""
    return _FAILURES[type(error)]


def advice_of(code: str) -> str:
    """Return what to do about a failure; empty where waiting is all."""
    return str(ADVICE.get(Failure(code), "")) if code else ""
