"""The demonstration's exports of Teams, Zoom and Visio, invented here and brought in as a procurement officer does."""

import csv
import io
import random
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from apps.licensing.imports import operations
from apps.licensing.imports.running import run_import
from apps.licensing.models import UsageImport
from apps.tenants.models import Membership, Tenant, Unit
from apps.tenants.scoping import tenant_scope
from visio_portal.demonstration.tenants import member_of

FIRST_NAMES = (
    "Adèle Amir Anaïs Antoine Aïcha Baptiste Camille Chloé David Élodie Émile Fatou François Gaëlle Hugo Inès Jade "
    "Karim Léa Loïc Lucie Malik Manon Mathis Nadia Noémie Olivier Pauline Quentin Rachid Rémi Salomé Sophie Théo "
    "Violette Yanis"
)
LAST_NAMES = (
    "Aubert Barbier Benali Blanchard Carpentier Chevalier Colin Da-Silva Diallo Dupuis Fabre Fournier Garnier "
    "Gauthier Girard Guérin Haddad Henry Jacquet Lambert Leclerc Lefèvre Marchand Mercier Moreau N’Guyen Perrin Picard "
    "Renaud Robin Roussel Schmitt Traoré Vasseur Vidal Weber"
)
TEAMS = (
    "Report Refresh Date",
    "User Principal Name",
    "Last Activity Date",
    "Is Deleted",
    "Assigned Products",
    "Call Count",
    "Meeting Count",
    "Is Licensed",
    "Report Period",
)
ZOOM = ("Email", "First Name", "Last Name", "Department", "Last Login(UTC)", "User Type", "User Status")
TEAMS_PEOPLE, ZOOM_PEOPLE, BOTH, VISIO_PEOPLE = 640, 460, 120, 210
ACCENTS = str.maketrans("éèêëàâäîïôöùûüçÉ’", "eeeeaaaiioouuuce-")


class Agent(NamedTuple):
    given_name: str
    usual_name: str
    email: str
    department: str


def seed_usage(today: date) -> None:
    """Import the three exports of one ministry, once."""
    tenant = Tenant.objects.get(slug="territoires")
    with tenant_scope(tenant.id):
        if UsageImport.objects.exists():
            return
        officer = member_of(tenant, "marc-oliveira")
        departments = list(Unit.objects.order_by("name").values_list("name", flat=True))
        colleagues = Membership.objects.select_related("user", "unit").order_by("user__email")
        known = [_known(member, departments) for member in colleagues]
    chance = random.Random(20261)  # noqa: S311  # invented people, the same at each run
    others = _agents(chance, departments, TEAMS_PEOPLE + ZOOM_PEOPLE - BOTH)
    emails = {agent.email for agent in known}
    agents = [*known, *(agent for agent in others if agent.email not in emails)]
    day = today - timedelta(days=3)
    _import(officer, "teams-activite-90j.csv", _file(TEAMS, _teams(chance, agents[:TEAMS_PEOPLE], day)), None)
    _import(
        officer,
        "zoomus_users.csv",
        _file(ZOOM, _zoom(chance, agents[TEAMS_PEOPLE - BOTH : TEAMS_PEOPLE - BOTH + ZOOM_PEOPLE], day)),
        day,
    )
    visio = _file(("date", "e-mail", "meetings"), _visio(chance, agents[: VISIO_PEOPLE * 2 : 2], day))
    _import(officer, "visio-usage.csv", visio, None)


def _known(member: Membership, departments: Sequence[str]) -> Agent:
    user = member.user
    department = member.unit.name if member.unit else departments[0]
    return Agent(user.given_name, user.usual_name, user.email, department)


def _agents(chance: random.Random, departments: Sequence[str], count: int) -> list[Agent]:
    """Return invented people of different addresses."""
    names = [(given, usual) for given in FIRST_NAMES.split() for usual in LAST_NAMES.split()]
    return [
        Agent(
            given,
            usual.replace("-", " "),
            f"{given}.{usual}".lower().translate(ACCENTS) + "@territoires.example",
            chance.choice(departments),
        )
        for given, usual in chance.sample(names, count)
    ]


def _teams(chance: random.Random, agents: Sequence[Agent], day: date) -> Iterable[Sequence[str]]:
    for agent in agents:
        is_dormant = chance.random() < 0.19
        meetings, calls = ("0", "0") if is_dormant else (str(chance.randint(1, 90)), str(chance.randint(0, 40)))
        last = "" if is_dormant else (day - timedelta(days=chance.randint(0, 40))).isoformat()
        product = chance.choices(["MICROSOFT 365 E3", "MICROSOFT 365 E3+POWER BI (FREE)", ""], [80, 15, 5])[0]
        is_licensed = "Yes" if product else "No"
        is_deleted = "True" if chance.random() < 0.015 else "False"
        yield (day.isoformat(), agent.email, last, is_deleted, product, calls, meetings, is_licensed, "90")
    for number in range(1, 9):
        room = f"salle-{number:02}@territoires.example"
        yield (day.isoformat(), room, day.isoformat(), "False", "MICROSOFT TEAMS ROOMS PRO", "0", "22", "Yes", "90")
    for number in range(1, 18):
        guest = f"conseil{number}_exemple.org#EXT#@territoires.example"
        yield (day.isoformat(), guest, day.isoformat(), "False", "", "0", str(number), "No", "90")


def _zoom(chance: random.Random, agents: Sequence[Agent], day: date) -> Iterable[Sequence[str]]:
    for agent in agents:
        login = day - timedelta(days=chance.choice([1, 2, 5, 9, 30, 70, 140]))
        status = "Inactive" if chance.random() < 0.03 else "Active"
        user_type = chance.choices(["Licensed", "Basic"], [88, 12])[0]
        names = (agent.email, agent.given_name, agent.usual_name, agent.department)
        yield (*names, f"{login:%m/%d/%Y} 09:{chance.randint(10, 59)}:00 AM", user_type, status)


def _visio(chance: random.Random, agents: Sequence[Agent], day: date) -> Iterable[Sequence[str]]:
    for agent in agents:
        for days in sorted(chance.sample(range(28), chance.randint(1, 6))):
            yield ((day - timedelta(days=days)).isoformat(), agent.email, str(chance.randint(1, 3)))


def _file(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([header, *rows])
    return text.getvalue().encode("utf-8-sig")


def _import(officer: Membership, name: str, content: bytes, day: date | None) -> None:
    """Send a file, say its day where it does not, and confirm what was read."""
    begun = operations.begin_import_of(membership=officer, name=name, body=io.BytesIO(content))
    ids = {"tenant_id": officer.tenant_id, "import_id": begun.id}
    run_import(**ids)
    if day is not None:
        with tenant_scope(officer.tenant_id):
            operations.say_day(usage_import=begun, day=day)
        run_import(**ids)
    with tenant_scope(officer.tenant_id):
        operations.confirm_import(membership=officer, usage_import=begun)
    run_import(**ids)
