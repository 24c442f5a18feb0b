"""Why somebody was not let in, and what the page tells them."""

from enum import StrEnum
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Reason(StrEnum):
    UNKNOWN_ORGANISATION = "unknown_organisation"
    ACCESS_ENDED = "access_ended"
    EMAIL_TAKEN = "email_taken"
    EMAIL_NOT_VOUCHED_FOR = "email_not_vouched_for"
    INCOMPLETE = "incomplete"
    UNTRUSTED = "untrusted"
    DECLINED = "declined"
    STALE = "stale"
    PROVIDER_UNAVAILABLE = "provider_unavailable"


class SignInRefused(Exception):
    """A sign-in ends here; the message is for the log and names no person."""

    def __init__(self, reason: Reason, detail: str = "", *, siret: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason.value)
        self.reason = reason
        self.siret = siret


class Explanation(NamedTuple):
    what: str | Promise
    now: str | Promise


ASK_ADMINISTRATOR = _("Write to the administrators of Visio Portal in your ministry.")

EXPLANATIONS = {
    Reason.ACCESS_ENDED: Explanation(
        _("Your access to Visio Portal has ended, or your account is closed."), ASK_ADMINISTRATOR
    ),
    Reason.EMAIL_TAKEN: Explanation(
        _("Another account of Visio Portal already uses your e-mail address, with another identity provider."),
        ASK_ADMINISTRATOR,
    ),
    Reason.EMAIL_NOT_VOUCHED_FOR: Explanation(
        _("Your identity provider may not vouch for the domain of your e-mail address."), ASK_ADMINISTRATOR
    ),
    Reason.INCOMPLETE: Explanation(
        _("Your identity provider did not send what Visio Portal needs: identifier, e-mail address and names."),
        _("Tell the support of your identity provider, then sign in again."),
    ),
    Reason.UNTRUSTED: Explanation(
        _("The answer of ProConnect could not be verified, so it was not used."),
        _("Sign in again. If it happens again, write to the support of Visio Portal."),
    ),
    Reason.DECLINED: Explanation(
        _("ProConnect did not complete the sign-in: it was cancelled, or the second factor was not given."),
        _("Sign in again, with the second factor if it is asked for."),
    ),
    Reason.STALE: Explanation(
        _("This sign-in was started too long ago, in another window, or has already been used."),
        _("Sign in again from this page."),
    ),
    Reason.PROVIDER_UNAVAILABLE: Explanation(
        _("ProConnect does not answer at the moment."), _("Try again in a few minutes.")
    ),
}
