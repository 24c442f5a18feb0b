"""Forms of the administration's pages."""

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.tenants.journal_labels import ACTION_LABELS
from apps.tenants.models import ApiToken, JournalEvent, Role, Tenant
from apps.tenants.siret import validate_siret
from visio_portal.forms import PortalForm

FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2099, 12, 31)  # a date outside is a slip of the keyboard
TOKEN_LIFE_MAX = timedelta(days=366)
ONE_DAY = timedelta(days=1)
WHOLE_ID = {"invalid": _("Give the whole identifier, or follow its link in the table.")}


class DayField(forms.DateField):
    """A day, with the browser's own calendar."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        super().__init__(
            widget=widget, validators=[MinValueValidator(FIRST_DAY), MaxValueValidator(LAST_DAY)], **kwargs
        )


class SiretField(forms.CharField):
    """A SIRET as people copy it, with its spaces."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"inputmode": "numeric"})
        help_text = _("14 digits; spaces are ignored")
        super().__init__(widget=widget, help_text=help_text, validators=[validate_siret], **kwargs)

    def to_python(self, value: Any) -> str:
        return "".join((super().to_python(value) or "").split())


class JournalFilterForm(PortalForm):
    """What part of the journal to read; it stands in the URL."""

    since = DayField(label=_("From"), required=False)
    until = DayField(label=_("Until"), required=False)
    action = forms.CharField(label=_("Action"), required=False, max_length=64, widget=forms.Select())
    person = forms.UUIDField(label=_("Person (identifier)"), required=False, error_messages=WHOLE_ID)
    object = forms.UUIDField(label=_("Object (identifier)"), required=False, error_messages=WHOLE_ID)
    before = forms.UUIDField(required=False, widget=forms.HiddenInput)  # the last event of the page before

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices: list[tuple[str, str | Promise]] = [("", _("All")), *ACTION_LABELS.items()]
        wanted = self.data.get("action", "")
        if wanted and wanted not in ACTION_LABELS:
            choices.append((wanted, wanted))
        self.fields["action"].widget.choices = choices

    def keep(self, events: QuerySet[JournalEvent], zone: ZoneInfo) -> QuerySet[JournalEvent]:
        """Return the events that a valid form asks for, the newest first; days are the tenant's."""
        wanted = self.cleaned_data
        if wanted["since"]:
            events = events.filter(created_at__gte=datetime.combine(wanted["since"], time(), zone))
        if wanted["until"]:
            events = events.filter(created_at__lt=datetime.combine(wanted["until"] + ONE_DAY, time(), zone))
        if wanted["action"]:
            events = events.filter(action=wanted["action"])
        if wanted["person"]:
            events = events.filter(actor_id=wanted["person"])
        if wanted["object"]:
            events = events.filter(object_id=wanted["object"])
        last = JournalEvent.objects.filter(id=wanted["before"]).first() if wanted["before"] else None
        if last is not None:
            earlier = Q(created_at__lt=last.created_at) | Q(created_at=last.created_at, id__lt=last.id)
            events = events.filter(earlier, created_at__lte=last.created_at)
        return events.order_by("-created_at", "-id")


class MemberSearchForm(PortalForm):
    q = forms.CharField(label=_("Name or e-mail address"), required=False, max_length=200)


class RolesForm(PortalForm):
    """The roles that an administrator may give; everybody organises meetings."""

    GIVEN = (Role.PROCUREMENT, Role.AUDITOR, Role.ADMIN)

    roles = forms.MultipleChoiceField(
        label=_("Further roles"),
        required=False,
        choices=[(role.value, role.label) for role in GIVEN],
        widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "Everybody may organise meetings. Auditors and administrators must sign in with a second factor. "
            "No role opens a transcript."
        ),
    )


class TokenForm(PortalForm):
    name = forms.CharField(label=_("Name"), max_length=100, help_text=_("What will use it, such as: room displays"))
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"),
        choices=[choice for choice in ApiToken.Scope.choices if choice[0] != ApiToken.Scope.TRANSCRIPTION],
        widget=forms.CheckboxSelectMultiple,
    )
    expires_on = DayField(label=_("Last day"), help_text=_("One year from today at the most"))

    def clean_expires_on(self) -> date:
        day: date = self.cleaned_data["expires_on"]
        today = timezone.localdate()
        if day < today:
            raise ValidationError(_("This day is past."), code="past")
        if day > today + TOKEN_LIFE_MAX:
            raise ValidationError(_("A token lives for one year at the most."), code="too_long")
        return day


class RouteForm(PortalForm):
    """Which tenant the people of an establishment belong to."""

    siret = SiretField(label=_("SIRET"))
    tenant = forms.ModelChoiceField(label=_("Ministry or agency"), queryset=Tenant.objects.ministries())
    starts_on = DayField(label=_("Valid from"))
