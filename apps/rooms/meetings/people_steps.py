"""People of the form while it is filled in: found by name, added, taken off, read from a file."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from apps.rooms.addresses import Address, parse_addresses
from apps.rooms.meetings.people_file import PeopleFile, UnreadableFile, read_people
from apps.rooms.meetings.people_forms import written_people
from apps.rooms.models import AttendeeGroup
from apps.rooms.operations import Invitee
from apps.rooms.operations.people import recognise
from apps.tenants.models import Membership

FOUND_SHOWN = 8
SOUGHT_MIN = 2  # characters
FIELDS = {"co": "co_organizers", "at": "attendees"}


class Person(NamedTuple):
    """Somebody of the form: the address, the member behind it if any, and whether they co-organise."""

    email: str
    name: str
    member: Membership | None
    is_co_organizer: bool


class Found(NamedTuple):
    """Colleagues and saved groups that a search by name finds."""

    sought: str
    colleagues: list[Membership]
    groups: list[AttendeeGroup]
    invited: frozenset[str]  # addresses that stand in the form already


class Imported(NamedTuple):
    """What reading a file gave: the file as it was understood, or why it could not be read."""

    name: str
    people: PeopleFile | None
    problem: str = ""


def people_of(values: dict[str, Any], organizer: Membership) -> list[Person]:
    """Return everybody who stands in the form so far."""
    people: dict[str, Person] = {}
    typed = _typed(values)
    invitees = [Invitee(address.email) for addresses in typed.values() for address in addresses]
    members = recognise(invitees, tenant_id=organizer.tenant_id) if invitees else {}
    for field, addresses in typed.items():
        for address in addresses:
            person = Person(address.email, address.name, members.get(address.email), field == "co_organizers")
            people.setdefault(address.email, person)
    return list(people.values())


def find_people(sought: str, organizer: Membership, by: Membership, values: dict[str, Any]) -> Found | None:
    """Return the colleagues whose name or address holds every word, and the groups that ``by`` may use."""
    sought = sought.strip()
    words = sought.split()
    if len(sought) < SOUGHT_MIN:
        return None
    colleagues = Membership.objects.active().filter(tenant_id=organizer.tenant_id).exclude(id=organizer.id)
    groups = groups_of(by)
    for word in words[:5]:
        in_name = Q(user__given_name__icontains=word) | Q(user__usual_name__icontains=word)
        colleagues = colleagues.filter(in_name | Q(user__email__icontains=word) | Q(unit__name__icontains=word))
        groups = groups.filter(name__icontains=word)
    ordered = colleagues.select_related("user", "unit").order_by("user__usual_name", "user__given_name")
    invited = frozenset(address.email for addresses in _typed(values).values() for address in addresses)
    return Found(sought, list(ordered[:FOUND_SHOWN]), list(groups[:FOUND_SHOWN]), invited)


def groups_of(by: Membership) -> QuerySet[AttendeeGroup]:
    """Return the saved groups of a member and of their unit."""
    units = Q(unit=by.unit_id) if by.unit_id else Q(pk__in=[])
    return AttendeeGroup.objects.filter(Q(owner=by) | units, tenant_id=by.tenant_id)


def add_people(values: dict[str, Any], step: str, organizer: Membership, by: Membership) -> None:
    """Do what a button "add" asks for: ``co:<membership>``, ``at:<membership>``, ``group:<group>``."""
    kind, _colon, key = step.partition(":")
    try:
        wanted = UUID(key)
    except ValueError:
        return
    if kind == "group":
        group = groups_of(by).filter(id=wanted).first()
        people = [Address(person.email, person.name) for person in group.people.all()] if group else []
        _append(values, "attendees", people)
    elif kind in FIELDS:
        member = Membership.objects.active().filter(tenant_id=organizer.tenant_id, id=wanted).select_related("user")
        _append(values, FIELDS[kind], [Address(found.user.email, "") for found in member])


def remove_person(values: dict[str, Any], email: str) -> None:
    """Take an address out of the form."""
    for field in FIELDS.values():
        found, wrong = parse_addresses(str(values.get(field) or ""))
        kept = [address for address in found if address.email != email]
        if len(kept) < len(found):
            values[field] = "\n".join(filter(None, [written_people(kept), *wrong]))


def import_people(values: dict[str, Any], file: "UploadedFile[Any] | None") -> Imported:
    """Add the people of a CSV file to the attendees of the form."""
    if file is None:
        return Imported("", None, _("Choose a file first."))
    name = str(file.name or "")[:100]
    try:
        people = read_people(file.read(1024 * 1024 + 1))
    except UnreadableFile as error:
        return Imported(name, None, str(error))
    _append(values, "attendees", people.addresses)
    return Imported(name, people)


def _typed(values: dict[str, Any]) -> dict[str, list[Address]]:
    """Return the addresses that stand in each field, as far as they can be read."""
    return {field: parse_addresses(str(values.get(field) or ""))[0] for field in FIELDS.values()}


def _append(values: dict[str, Any], field: str, people: Sequence[Address]) -> None:
    text = str(values.get(field) or "").strip()
    known = {address.email for address in parse_addresses(text)[0]}
    new = [person for person in people if person.email not in known]
    lines = [text, written_people(new)]
    # The last line is closed: what is typed next does not run into the last address.
    values[field] = "".join(f"{line}\n" for line in lines if line)
