"""Forms of invitations: an answer, a corrected address."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.rooms.invitations.letters import time_in_words
from apps.rooms.invitations.mailboxes import MailboxPlan
from apps.rooms.models import Answer, Attendee, Mailbox, Meeting, Occurrence
from visio_portal.forms import PortalForm

ALL_DATES = "all"
USUAL = {"imap_port": 993, "reminder_hours": 24}


class AnswerForm(PortalForm):
    """What an invited person answers, to the whole meeting or to one of the dates that are still to come."""

    answer = forms.ChoiceField(
        label=gettext_lazy("Your answer"),
        widget=forms.RadioSelect,
        choices=[
            (Answer.ACCEPTED, gettext_lazy("I will be there")),
            (Answer.TENTATIVE, gettext_lazy("Perhaps")),
            (Answer.DECLINED, gettext_lazy("I cannot come")),
        ],
        error_messages={"required": gettext_lazy("Choose one of the three answers.")},
    )
    on = forms.ChoiceField(label=gettext_lazy("For which dates"), widget=forms.Select)
    comment = forms.CharField(
        label=gettext_lazy("Comment for the organiser"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, data: Any, *, meeting: Meeting, dates: Sequence[Occurrence], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self._dates = {str(occurrence.id): occurrence for occurrence in dates}
        if not meeting.is_series:
            del self.fields["on"]
            return
        words = [(key, time_in_words(row.start_at, row.end_at, meeting.zone)) for key, row in self._dates.items()]
        self.fields["on"].choices = [(ALL_DATES, _("All dates")), *words]

    def occurrence(self) -> Occurrence | None:
        """Return the date that the answer is about; None for the whole meeting."""
        return self._dates.get(self.cleaned_data.get("on", ALL_DATES))


class AddressForm(PortalForm):
    """The address to which a mail is sent again."""

    email = forms.EmailField(label=gettext_lazy("E-mail address"), max_length=254)

    def __init__(self, data: Any, *, attendee: Attendee, **kwargs: Any) -> None:
        super().__init__(data, initial={"email": attendee.email}, **kwargs)
        self._attendee = attendee

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"].lower()
        others = Attendee.objects.filter(meeting=self._attendee.meeting_id).exclude(id=self._attendee.id)
        if others.filter(email=email).exists() or email == self._attendee.meeting.organizer.user.email:
            raise forms.ValidationError(_("Somebody of this address is invited already."))
        return email


class DecisionForm(PortalForm):
    """What becomes of an answer that waits."""

    decision = forms.ChoiceField(choices=[(value, value) for value in ("confirmed", "dismissed")])


class MailboxForm(PortalForm):
    """The ministry's portal mailbox: invitations come from it, replies and reports arrive in it."""

    address = forms.EmailField(
        label=gettext_lazy("Address of the mailbox"),
        help_text=gettext_lazy("Invitations come from this address, under the name of each organiser."),
    )
    imap_host = forms.CharField(
        label=gettext_lazy("IMAP server"),
        required=False,
        max_length=255,
        validators=[RegexValidator(r"^[A-Za-z0-9.:-]+$", gettext_lazy("Give the name of the server alone."))],
        help_text=gettext_lazy("Replies from mail programs are read there. Without it, people answer from the link."),
    )
    imap_port = forms.IntegerField(label=gettext_lazy("Port"), min_value=1, max_value=65535, initial=993)
    has_tls = forms.BooleanField(label=gettext_lazy("TLS from the start (usual on port 993)"), required=False)
    username = forms.CharField(label=gettext_lazy("Account"), required=False, max_length=255)
    password = forms.CharField(
        label=gettext_lazy("Password"),
        required=False,
        max_length=500,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=gettext_lazy("It is kept encrypted and never shown. Leave it empty to keep the present one."),
    )
    authserv_id = forms.CharField(
        label=gettext_lazy("Name under which your mail server verifies senders"),
        required=False,
        max_length=255,
        help_text=gettext_lazy(
            "As it stands in the Authentication-Results header of mails that you receive. With it, forged replies are "
            "dropped, and those that could not be verified wait for the organiser."
        ),
    )
    reminder_hours = forms.IntegerField(
        label=gettext_lazy("Reminder (hours before)"),
        required=False,
        min_value=1,
        max_value=7 * 24,
        help_text=gettext_lazy("Empty: no reminders are sent."),
    )

    def __init__(self, data: Any, *, mailbox: Mailbox | None, hosts: Sequence[str] = ()) -> None:
        names = [name for name in self.base_fields if name != "password"]
        initial = {name: getattr(mailbox, name) for name in names} if mailbox else {"has_tls": True, **USUAL}
        super().__init__(data, initial=initial)
        self._mailbox, self._hosts = mailbox, hosts

    def clean_imap_host(self) -> str:
        host: str = self.cleaned_data["imap_host"].lower()
        if host and self._hosts and host not in self._hosts:
            raise forms.ValidationError(_("This installation may not reach that server."))
        return host

    def clean(self) -> dict[str, Any]:
        super().clean()
        cleaned: dict[str, Any] = self.cleaned_data
        if cleaned.get("imap_host"):
            if not cleaned.get("username"):
                self.add_error("username", _("The account is missing."))
            has_password = self._mailbox is not None and self._mailbox.password
            if not cleaned.get("password") and not has_password:
                self.add_error("password", _("The password is missing."))
        return cleaned

    def plan(self) -> MailboxPlan:
        return MailboxPlan(**self.cleaned_data)
