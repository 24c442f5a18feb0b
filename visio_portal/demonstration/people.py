"""The demonstration's invented ministries and people, as the two data files beside this module tell them.

``people.json``: one object per person. ``amr`` is how the person usually authenticates (RFC 8176 values as
ProConnect uses them), ``amr_on_request`` how when a second factor is demanded (null: impossible). ``account``
says what the portal knows beforehand: ``bound`` (has signed in before), ``invited`` (an administrator made a
membership for the address) or ``absent``. ``tenants.json``: ministries with SIREN, dated SIRET and e-mail
routes, dated headcounts, and their tree of units with départements (INSEE codes).
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent
# As the demonstration's sign-in page has them, before anybody chose a language.
ROLE_NAMES = {
    "organizer": "Organisation de réunions",
    "procurement": "Achats",
    "auditor": "Audit",
    "admin": "Administration",
    "operator": "Pilotage interministériel",
}


@dataclass(frozen=True, kw_only=True)
class Place:
    """A membership: the tenant's slug, the unit's path from the tenant's root, and roles."""

    tenant: str
    unit: tuple[str, ...]
    roles: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Person:
    key: str
    sub: str
    idp_id: str
    given_name: str
    usual_name: str
    title: str
    email: str
    uid: str
    siret: str
    account: str
    memberships: tuple[Place, ...]
    amr: tuple[str, ...]
    amr_on_request: tuple[str, ...] | None

    @property
    def full_name(self) -> str:
        return f"{self.given_name} {self.usual_name}"

    @property
    def has_second_factor(self) -> bool:
        return "mfa" in self.amr

    @property
    def roles(self) -> list[str]:
        """What tells the person apart: roles beyond the one that every member has, if there are any."""
        roles = list(dict.fromkeys(role for place in self.memberships for role in place.roles))
        return [role for role in roles if role != "organizer"] or roles


def load_people(path: Path = FOLDER / "people.json") -> list[Person]:
    """Return the demonstration people in the file's order."""
    return [_person(row) for row in json.loads(path.read_text(encoding="utf-8"))]


def load_tenants() -> list[dict[str, Any]]:
    """Return the demonstration ministries, agency and operator as plain JSON objects."""
    return load_rows("tenants")


def load_rows(name: str) -> list[dict[str, Any]]:
    """Return the rows of one of the data files beside this module."""
    rows: list[dict[str, Any]] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return rows


def _person(row: dict[str, Any]) -> Person:
    on_request = row["amr_on_request"]
    return Person(
        **{
            **row,
            "memberships": tuple(
                Place(tenant=place["tenant"], unit=tuple(place["unit"]), roles=tuple(place["roles"]))
                for place in row["memberships"]
            ),
            "amr": tuple(row["amr"]),
            "amr_on_request": None if on_request is None else tuple(on_request),
        }
    )
