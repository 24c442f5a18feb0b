"""What depends on where people work: the clocks and the public holidays of a département."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache

import holidays
from django.utils.translation import get_language

from apps.tenants.models import Membership

# INSEE codes of overseas départements and collectivities that keep another time than Paris.
ZONE_OF_DEPARTEMENT = {
    "971": "America/Guadeloupe",
    "972": "America/Martinique",
    "973": "America/Cayenne",
    "974": "Indian/Reunion",
    "975": "America/Miquelon",
    "976": "Indian/Mayotte",
    "977": "America/St_Barthelemy",
    "978": "America/Marigot",
    "984": "Indian/Kerguelen",
    "986": "Pacific/Wallis",
    "987": "Pacific/Tahiti",
    "988": "Pacific/Noumea",
}
DEPARTEMENT_OF_ZONE = {zone: departement for departement, zone in ZONE_OF_DEPARTEMENT.items()} | {
    "Pacific/Marquesas": "987",
    "Pacific/Gambier": "987",
}
# Where the public holidays differ from those of the rest of France: the library's names of the subdivisions.
SUBDIVISIONS = {
    "57": "57",
    "67": "6AE",
    "68": "6AE",
    "971": "971",
    "972": "972",
    "973": "973",
    "974": "974",
    "975": "PM",
    "976": "976",
    "977": "BL",
    "978": "MF",
    "984": "TF",
    "986": "WF",
    "987": "PF",
    "988": "NC",
}


def zone_of(member: Membership) -> str:
    """Return the zone of the clocks where a member works: that of the unit's département, else the ministry's."""
    departement = member.unit.departement if member.unit is not None else ""
    if not departement:
        return member.tenant.time_zone
    return ZONE_OF_DEPARTEMENT.get(departement, "Europe/Paris")


def departement_of(member: Membership, time_zone: str) -> str:
    """Return where the public holidays of a meeting are those of: the organiser's unit, else the meeting's zone."""
    departement = member.unit.departement if member.unit is not None else ""
    return departement or DEPARTEMENT_OF_ZONE.get(time_zone, "")


def public_holiday(day: date, departement: str) -> str:
    """Return the name of a public holiday in a département, in the language of the page; empty on any other day."""
    language = "fr" if (get_language() or "fr").startswith("fr") else "en_US"
    return _holidays(SUBDIVISIONS.get(departement), day.year, language).get(day, "")


@lru_cache(maxsize=128)
def _holidays(subdivision: str | None, year: int, language: str) -> Mapping[date, str]:
    return dict(holidays.country_holidays("FR", subdiv=subdivision, years=year, language=language))
