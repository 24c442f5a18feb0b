"""Files as Microsoft, Zoom and Visio export them, of invented people."""

import csv
import io
import random
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import NamedTuple

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
ADMIN = ("Block credential", "Department", "Display name", "Licenses", "User principal name")
ZOOM = ("Email", "First Name", "Last Name", "Department", "Last Login(UTC)", "User Type", "User Status")
HOSTS = ("Meeting ID", "User Name", "User Email", "Department", "Start Time", "Name (Original Name)", "User Email")
VISIO = ("date", "e-mail", "meetings", "department")
ACCENTS = str.maketrans("éèêëàâäîïôöùûüçÉ’", "eeeeaaaiioouuuce-")
PRODUCTS = ("MICROSOFT 365 E3", "MICROSOFT 365 E3+POWER BI (FREE)")
ROOMS, GUESTS = 16, 17

Rows = Iterable[Sequence[str]]


class Agent(NamedTuple):
    """One agent. ``turn`` orders the agents by when they take up Visio; ``product`` is empty without a paid seat."""

    given_name: str
    usual_name: str
    email: str
    department: str
    turn: float
    product: str
    is_dormant: bool
    is_blocked: bool
    keeps_old: bool  # whoever uses Visio and Teams or Zoom beside it

    def name_of(self) -> str:
        return f"{self.given_name} {self.usual_name}"


def invented_names(chance: random.Random, count: int) -> list[tuple[str, str, str]]:
    """Return given names, usual names and addresses without domain, which all differ."""
    usual_names = LAST_NAMES.split()
    found = []
    for step in range(1 + count // (len(usual_names) * len(FIRST_NAMES.split()))):
        names = [
            (given, usual if step == 0 else f"{usual}-{usual_names[(place + 7 * step) % len(usual_names)]}")
            for given in FIRST_NAMES.split()
            for place, usual in enumerate(usual_names)
        ]
        chance.shuffle(names)
        found += [(given, usual, f"{given}.{usual}".lower().translate(ACCENTS)) for given, usual in names]
    return found[:count]


def file_of(header: Sequence[str], rows: Rows) -> bytes:
    """Return a file as these exports are written: commas, UTF-8 with a mark."""
    text = io.StringIO()
    csv.writer(text).writerows([header, *rows])
    return text.getvalue().encode("utf-8-sig")


def admin_rows(agents: Sequence[Agent]) -> Iterator[Sequence[str]]:
    for agent in agents:
        is_blocked = "True" if agent.is_blocked else "False"
        yield (is_blocked, agent.department, agent.name_of(), agent.product or "Unlicensed", agent.email)


def teams_rows(
    chance: random.Random, agents: Sequence[Agent], day: date, days: int, moved: frozenset[str], domain: str
) -> Iterator[Sequence[str]]:
    """Yield the activity of some days; who ``moved`` to Visio, and does not keep the old tool, is idle for 30 days."""
    period, told = str(days), day.isoformat()
    for agent in agents:
        has_left = agent.email in moved and not agent.keeps_old and days <= 30
        is_idle = agent.is_dormant or agent.is_blocked or has_left
        meetings, calls = (0, 0) if is_idle else (chance.randint(1, days // 2), chance.randint(0, days // 5))
        last = "" if is_idle else (day - timedelta(days=chance.randint(0, min(days, 40) - 1))).isoformat()
        is_deleted = "True" if chance.random() < 0.008 else "False"
        is_licensed = "Yes" if agent.product else "No"
        yield (told, agent.email, last, is_deleted, agent.product, str(calls), str(meetings), is_licensed, period)
    for number in range(1, ROOMS + 1):
        room = f"salle-{number:02}@{domain}"
        yield (told, room, told, "False", "MICROSOFT TEAMS ROOMS PRO", "0", "22", "Yes", period)
    for number in range(1, GUESTS + 1):
        guest = f"conseil{number}_exemple.org#EXT#@{domain}"
        yield (told, guest, told, "False", "", "0", str(number), "No", period)


def zoom_rows(chance: random.Random, agents: Sequence[Agent], day: date, free: int) -> Iterator[Sequence[str]]:
    """Yield Zoom's users, the last ``free`` of them without a paid seat."""
    for number, agent in enumerate(agents):
        login = day - timedelta(days=chance.choice([1, 2, 5, 9, 30, 70, 140]))
        status = "Inactive" if chance.random() < 0.03 else "Active"
        user_type = "Basic" if number >= len(agents) - free else "Licensed"
        names = (zoom_address(agent), agent.given_name, agent.usual_name, agent.department)
        yield (*names, f"{login:%m/%d/%Y} 09:{chance.randint(10, 59)}:00 AM", user_type, status)


def host_rows(
    chance: random.Random, agents: Sequence[Agent], first: date, last: date, moved: frozenset[str]
) -> Iterator[Sequence[str]]:
    """Yield the meetings of Zoom's hosts between two days, each with up to three others."""
    hosts = [agent for agent in agents if not agent.is_dormant and (agent.keeps_old or agent.email not in moved)]
    days = (last - first).days
    starts = [0, days, *(chance.randint(0, days) for _host in hosts[2:])]
    for number, (host, offset) in enumerate(zip(hosts, starts, strict=True)):
        start = f"{first + timedelta(days=offset):%m/%d/%Y} 10:{chance.randint(10, 59)}:00 AM"
        meeting = f"{first:%y%m}{number:05}"
        for guest in [host, *chance.sample(hosts, chance.randint(1, 3))]:
            yield (
                meeting,
                host.name_of(),
                zoom_address(host),
                host.department,
                start,
                guest.name_of(),
                zoom_address(guest),
            )


def visio_rows(chance: random.Random, agents: Sequence[Agent], first: date, last: date) -> Iterator[Sequence[str]]:
    """Yield who met on which day; the first agent on the first and the last one, so that the period is told."""
    days = (last - first).days
    for number, agent in enumerate(agents):
        chosen = {0, days} if number == 0 else {chance.randint(0, days), chance.randint(0, days)}
        for offset in sorted(chosen):
            yield (
                (first + timedelta(days=offset)).isoformat(),
                agent.email,
                str(chance.randint(1, 6)),
                agent.department,
            )


def zoom_address(agent: Agent) -> str:
    """Return whom Zoom knows an agent as: of some, the address before the directory was renamed."""
    local, _at, domain = agent.email.partition("@")
    given, _dot, usual = local.partition(".")
    return f"{usual}.{given}@{domain}" if usual and sum(map(ord, local)) % 9 == 0 else agent.email
