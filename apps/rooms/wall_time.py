"""Wall times in the zones of the French State: which exist, which happen twice, and what they are called."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

FRENCH_ZONES = (
    ("Europe/Paris", _("Mainland France and Corsica")),
    ("America/Guadeloupe", _("Guadeloupe")),
    ("America/Martinique", _("Martinique")),
    ("America/Cayenne", _("French Guiana")),
    ("Indian/Reunion", _("La Réunion")),
    ("Indian/Mayotte", _("Mayotte")),
    ("America/St_Barthelemy", _("Saint-Barthélemy")),
    ("America/Marigot", _("Saint-Martin")),
    ("America/Miquelon", _("Saint-Pierre-et-Miquelon")),
    ("Pacific/Noumea", _("New Caledonia")),
    ("Pacific/Wallis", _("Wallis and Futuna")),
    ("Pacific/Tahiti", _("French Polynesia: Tahiti")),
    ("Pacific/Marquesas", _("French Polynesia: Marquesas Islands")),
    ("Pacific/Gambier", _("French Polynesia: Gambier Islands")),
    ("Indian/Kerguelen", _("French Southern and Antarctic Lands: Kerguelen")),
)


class NonexistentTime(ValueError):
    """The clocks jump over this wall time; ``next_valid`` is the first one after it (naive)."""

    def __init__(self, next_valid: datetime) -> None:
        super().__init__(f"This time does not exist; the next one is {next_valid:%Y-%m-%d %H:%M}.")
        self.next_valid = next_valid


def resolve(day: date, at: time, zone: ZoneInfo) -> datetime:
    """Return the instant (UTC) of a wall time; the first of the two where it happens twice.

    Raises NonexistentTime where the clocks jump over it.
    """
    wall = datetime.combine(day, at)
    if _exists(wall, zone):
        return wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    next_valid = wall.replace(second=0, microsecond=0)
    while not _exists(next_valid, zone):
        next_valid += timedelta(minutes=1)
    raise NonexistentTime(next_valid)


def is_doubled(day: date, at: time, zone: ZoneInfo) -> bool:
    """Return whether the clocks are set back over this wall time, so that it happens twice."""
    wall = datetime.combine(day, at, tzinfo=zone)
    return _exists(wall.replace(tzinfo=None), zone) and wall.utcoffset() != wall.replace(fold=1).utcoffset()


def zone_name(key: str) -> str:
    """Return a zone in plain words; its key where it is none of the French ones."""
    return str(dict(FRENCH_ZONES).get(key, key))


def _exists(wall: datetime, zone: ZoneInfo) -> bool:
    return wall.replace(tzinfo=zone).astimezone(UTC).astimezone(zone).replace(tzinfo=None) == wall
