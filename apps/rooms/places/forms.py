"""Forms of rooms: what is searched, what a room is, and why a booking is refused."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.rooms.addresses import TEXT_MAX, parse_addresses
from apps.rooms.models import Occurrence, Room
from apps.tenants.models import Membership, Tenant, Unit
from visio_portal.forms import PortalForm

# RFC 3261 section 19.1: sip:user@host, with a port or parameters; nothing that a mail's header could be broken with.
SIP_ADDRESS = RegexValidator(
    r"\A(sips?:)?[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9.-]{1,150}(:[0-9]{1,5})?\Z",
    _("A SIP address looks like salle@visio.example.gouv.fr."),
)
CAPACITY_MAX = 10_000
MANAGERS_MAX = 20


class RoomSearchForm(PortalForm):
    """Which rooms the list shows; it stands in the URL."""

    site = forms.ChoiceField(label=_("Site"), required=False)
    capacity = forms.IntegerField(label=_("For how many people"), required=False, min_value=1, max_value=CAPACITY_MAX)
    equipment = forms.MultipleChoiceField(
        label=_("Equipment"), required=False, choices=Room.Equipment, widget=forms.CheckboxSelectMultiple
    )
    free_now = forms.BooleanField(label=_("Free now"), required=False)

    def __init__(self, *args: Any, tenant: Tenant, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sites = Room.objects.filter(tenant=tenant, closed_at=None).exclude(site="").order_by("site")
        names = list(sites.values_list("site", flat=True).distinct())
        self.fields["site"].choices = [("", _("All sites")), *((name, name) for name in names)]

    def keep(self, rooms: QuerySet[Room]) -> QuerySet[Room]:
        """Return the rooms that a valid form asks for."""
        wanted = self.cleaned_data
        if wanted["site"]:
            rooms = rooms.filter(site=wanted["site"])
        if wanted["capacity"]:
            rooms = rooms.filter(capacity__gte=wanted["capacity"])
        if wanted["equipment"]:
            rooms = rooms.filter(equipment__contains=wanted["equipment"])
        if wanted["free_now"]:
            now = timezone.now()
            taken = Occurrence.objects.blocking().overlapping(now, now).filter(room=OuterRef("id"))
            rooms = rooms.exclude(Exists(taken))
        return rooms


class RoomForm(PortalForm, forms.ModelForm):  # type: ignore[type-arg]
    """A room and its managers."""

    capacity = forms.IntegerField(
        label=_("Capacity"),
        required=False,
        min_value=1,
        max_value=CAPACITY_MAX,
        help_text=_("How many people it holds"),
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    equipment = forms.MultipleChoiceField(
        label=_("Equipment"), required=False, choices=Room.Equipment, widget=forms.CheckboxSelectMultiple
    )
    sip_address = forms.CharField(
        label=_("SIP address"),
        required=False,
        max_length=255,
        validators=[SIP_ADDRESS],
        help_text=_("Of the room’s video-conference unit, such as salle@visio.example.gouv.fr"),
    )
    managers = forms.CharField(
        label=_("Managers"),
        required=False,
        max_length=TEXT_MAX,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false", "autocapitalize": "off"}),
        help_text=_(
            "E-mail addresses of colleagues, one a line or separated by commas. They may change the room, and confirm "
            "its bookings where the rules ask for it."
        ),
    )

    class Meta:
        model = Room
        fields = ["name", "kind", "site", "capacity", "equipment", "sip_address", "unit", "description", "managers"]
        widgets = {"description": forms.Textarea(attrs={"rows": 3})}
        help_texts = {
            "site": _("Building or town; rooms of one site are offered for one another"),
            "unit": _("Whose rules count for the room; none: the ministry’s"),
        }

    def __init__(self, *args: Any, tenant: Tenant, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.tenant = tenant
        self.fields["unit"].queryset = Unit.objects.filter(tenant=tenant)  # type: ignore[attr-defined]
        self.fields["unit"].empty_label = _("None")  # type: ignore[attr-defined]

    def clean_name(self) -> str:
        return _one_line(self.cleaned_data["name"])

    def clean_site(self) -> str:
        return _one_line(self.cleaned_data["site"])

    def clean_managers(self) -> list[Membership]:
        addresses, wrong = parse_addresses(self.cleaned_data["managers"])
        if wrong:
            raise ValidationError(_("Not an e-mail address: %(words)s."), params={"words": ", ".join(wrong[:5])})
        if len(addresses) > MANAGERS_MAX:
            raise ValidationError(_("A room has at most %(most)s managers."), params={"most": MANAGERS_MAX})
        members = Membership.objects.active().filter(
            tenant=self.tenant, user__email__in=[address.email for address in addresses]
        )
        found = {member.user.email: member for member in members.select_related("user")}
        strangers = [address.email for address in addresses if address.email not in found]
        if strangers:
            raise ValidationError(
                _("Only members of your ministry can manage a room; the portal does not know %(who)s."),
                params={"who": ", ".join(strangers[:5])},
            )
        return list(found.values())


def _one_line(text: str) -> str:
    """Return a text without line breaks, which have no place in a mail's headers or a calendar."""
    return " ".join(text.split())


def initial_managers(room: Room) -> str:
    """Return the managers of a room as they are typed."""
    return "\n".join(manager.membership.user.email for manager in room.managers.select_related("membership__user"))


class RefusalForm(PortalForm):
    """Why a booking is refused."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The organiser reads it. The meeting stays, without the room."),
    )
