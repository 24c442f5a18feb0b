"""The tables that Microsoft, Zoom and Visio export, recognised by their headers in English and French.

The English headers are those of the reports' public documentation; the French ones are accepted as aliases.
"""

import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.licensing.models import Format, Vendor

SPACES = re.compile(r"\s+")


class Kind(Enum):
    """What a column holds, and so what makes a cell wrong."""

    TEXT = "text"
    DATE = "date"
    COUNT = "count"
    FLAG = "flag"


@dataclass(frozen=True)
class Field:
    """A column that the portal reads; ``occurrence`` counts, from 0, the columns of one name from the left."""

    name: str  # the column of the staging table
    label: str | Promise
    kind: Kind
    aliases: tuple[str, ...]
    is_required: bool = False
    occurrence: int = 0


@dataclass(frozen=True)
class Table:
    """One report as a table: whose it is, and its columns."""

    format: Format
    vendor: Vendor
    fields: tuple[Field, ...]

    def field(self, name: str) -> Field | None:
        return next((field for field in self.fields if field.name == name), None)

    @property
    def required(self) -> list[Field]:
        return [field for field in self.fields if field.is_required]


IDENTIFIER = _("E-mail address or user principal name")
REFRESHED = Field(
    "refreshed",
    _("Day of the report"),
    Kind.DATE,
    (
        "Report Refresh Date",
        "Date d'actualisation du rapport",
        "Date de mise à jour du rapport",
        "Date d'actualisation des rapports",
    ),
    is_required=True,
)
PERIOD = Field("period", _("Period in days"), Kind.TEXT, ("Report Period", "Période de rapport", "Période du rapport"))
UPN_ALIASES = (
    "User Principal Name",
    "Nom d'utilisateur principal",
    "Nom principal de l'utilisateur",
    "Nom principal d'utilisateur",
    "UPN",
)
UPN = Field("identifier", IDENTIFIER, Kind.TEXT, UPN_ALIASES, is_required=True)
DELETED = Field("is_deleted", _("Deleted"), Kind.FLAG, ("Is Deleted", "Est supprimé", "Supprimé"))
PRODUCTS = Field(
    "products",
    _("Assigned products"),
    Kind.TEXT,
    ("Assigned Products", "Produits attribués", "Produits affectés", "Produits assignés"),
)
NAME = Field("name", _("Name"), Kind.TEXT, ("Display Name", "Nom d'affichage", "Nom complet", "Nom affiché"))
DEPARTMENT = Field("department", _("Department"), Kind.TEXT, ("Department", "Service", "Département", "Dept"))

TABLES = (
    Table(
        Format.TEAMS_ACTIVITY,
        Vendor.MICROSOFT,
        (
            REFRESHED,
            UPN,
            Field(
                "last_active",
                _("Last activity"),
                Kind.DATE,
                ("Last Activity Date", "Date de la dernière activité", "Date de dernière activité"),
            ),
            DELETED,
            PRODUCTS,
            Field("calls", _("Number of calls"), Kind.COUNT, ("Call Count", "Nombre d'appels"), is_required=True),
            Field(
                "meetings",
                _("Number of meetings"),
                Kind.COUNT,
                ("Meeting Count", "Nombre de réunions"),
                is_required=True,
            ),
            Field(
                "is_licensed",
                _("Licensed"),
                Kind.FLAG,
                ("Is Licensed", "Est sous licence", "Sous licence", "Dispose d'une licence", "A une licence"),
            ),
            PERIOD,
        ),
    ),
    Table(
        Format.M365_ACTIVE_USERS,
        Vendor.MICROSOFT,
        (
            REFRESHED,
            UPN,
            NAME,
            DELETED,
            Field(
                "is_licensed",
                _("Has a Teams licence"),
                Kind.FLAG,
                (
                    "Has Teams License",
                    "A une licence Teams",
                    "Dispose d'une licence Teams",
                    "Possède une licence Teams",
                ),
                is_required=True,
            ),
            Field(
                "last_active",
                _("Last activity in Teams"),
                Kind.DATE,
                ("Teams Last Activity Date", "Date de la dernière activité Teams", "Date de dernière activité Teams"),
                is_required=True,
            ),
            PRODUCTS,
            PERIOD,
        ),
    ),
    Table(
        Format.M365_USERS,
        Vendor.MICROSOFT,
        (
            NAME,
            UPN,
            DEPARTMENT,
            Field(
                "is_blocked",
                _("Sign-in blocked"),
                Kind.FLAG,
                (
                    "Block credential",
                    "Bloquer les informations d'identification",
                    "Connexion bloquée",
                    "Informations d'identification bloquées",
                ),
            ),
            Field("products", _("Licences"), Kind.TEXT, ("Licenses", "Licences"), is_required=True),
            Field(
                "left_out",
                _("Deleted at"),
                Kind.TEXT,
                ("Soft deletion time stamp", "Horodatage de la suppression réversible", "Date de suppression"),
            ),
        ),
    ),
    Table(
        Format.ZOOM_USERS,
        Vendor.ZOOM,
        (
            Field(
                "identifier",
                IDENTIFIER,
                Kind.TEXT,
                ("Email", "E-mail", "Adresse e-mail", "Email Address", "Courriel"),
                is_required=True,
            ),
            Field("first_name", _("First name"), Kind.TEXT, ("First Name", "Prénom")),
            Field("last_name", _("Last name"), Kind.TEXT, ("Last Name", "Nom", "Nom de famille")),
            DEPARTMENT,
            Field(
                "last_active",
                _("Last sign-in"),
                Kind.DATE,
                (
                    "Last Login(UTC)",
                    "Last Login (UTC)",
                    "Last Login",
                    "Dernière connexion(UTC)",
                    "Dernière connexion (UTC)",
                ),
            ),
            Field(
                "user_type",
                _("Type of user"),
                Kind.TEXT,
                ("User Type", "Type d'utilisateur", "Type de licence", "License Type", "Licence Type"),
                is_required=True,
            ),
            Field(
                "user_status",
                _("Status of the user"),
                Kind.TEXT,
                ("User Status", "Statut de l'utilisateur", "Statut d'utilisateur", "État de l'utilisateur"),
            ),
        ),
    ),
    Table(
        Format.ZOOM_HOSTS,
        Vendor.ZOOM,
        (
            Field(
                "meeting",
                _("Number of the meeting"),
                Kind.TEXT,
                ("Meeting ID", "ID de réunion", "ID de la réunion", "Identifiant de réunion"),
                is_required=True,
            ),
            Field("name", _("Host"), Kind.TEXT, ("User Name", "Nom d'utilisateur", "Nom de l'utilisateur")),
            Field(
                "identifier",
                _("E-mail address of the host"),
                Kind.TEXT,
                ("User Email", "E-mail de l'utilisateur", "Adresse e-mail de l'utilisateur", "E-mail utilisateur"),
                is_required=True,
            ),
            DEPARTMENT,
            Field(
                "day",
                _("Start of the meeting"),
                Kind.DATE,
                ("Start Time", "Heure de début", "Date de début"),
                is_required=True,
            ),
            Field(
                "participant",
                _("E-mail address of the participant"),
                Kind.TEXT,
                ("User Email", "E-mail de l'utilisateur", "Adresse e-mail de l'utilisateur", "E-mail utilisateur"),
                occurrence=1,
            ),
            Field("is_guest", _("Guest"), Kind.FLAG, ("Guest", "Invité")),
        ),
    ),
    Table(
        Format.VISIO_USAGE,
        Vendor.VISIO,
        (
            Field("day", _("Day"), Kind.DATE, ("Date", "Day", "Jour"), is_required=True),
            Field(
                "identifier",
                _("E-mail address"),
                Kind.TEXT,
                ("E-mail", "Email", "Person", "Personne", "Courriel", "Adresse e-mail", "Agent"),
                is_required=True,
            ),
            Field(
                "meetings",
                _("Number of meetings"),
                Kind.COUNT,
                ("Meetings", "Réunions", "Meeting Count", "Nombre de réunions"),
                is_required=True,
            ),
            DEPARTMENT,
        ),
    ),
)
TABLE_OF = {table.format: table for table in TABLES}


@dataclass(frozen=True)
class Recognised:
    """A table, and at which position (from 0) each of its fields stands."""

    table: Table
    positions: Mapping[str, int]


def plain(header: str) -> str:
    """Return a header without what differs from one export to the next: case, accents, apostrophes, spaces."""
    text = unicodedata.normalize("NFKD", header.replace("’", "'").replace("\N{ZERO WIDTH NO-BREAK SPACE}", ""))
    text = "".join(character for character in text if not unicodedata.combining(character))
    return SPACES.sub(" ", text).strip().casefold()


def header_digest(header: Sequence[str]) -> str:
    """Return the hexadecimal SHA-256 by which a header is remembered."""
    return hashlib.sha256("\x1f".join(map(plain, header)).encode()).hexdigest()


def recognise(header: Sequence[str]) -> Recognised | None:
    """Return the table whose columns the header names best; None where none or several fit: then a person says it."""
    names = [plain(name) for name in header]
    found = [found for table in TABLES if (found := _recognise_as(table, names))]
    found.sort(key=lambda item: -len(item.positions))
    if not found or (len(found) > 1 and len(found[0].positions) == len(found[1].positions)):
        return None
    return found[0]


def guess_positions(table: Table, header: Sequence[str]) -> dict[str, int]:
    """Return the positions of the fields whose names stand in the header."""
    names = [plain(name) for name in header]
    positions = {field.name: _position(field, names) for field in table.fields}
    return {name: position for name, position in positions.items() if position is not None}


def _recognise_as(table: Table, names: Sequence[str]) -> Recognised | None:
    positions = guess_positions(table, names)
    if any(field.name not in positions for field in table.required):
        return None
    return Recognised(table, positions)


def _position(field: Field, names: Sequence[str]) -> int | None:
    """Return where a field stands; of several columns of its name, the one that the report is known to have there."""
    for alias in map(plain, field.aliases):
        positions = [position for position, name in enumerate(names) if name == alias]
        if len(positions) > field.occurrence:
            return positions[field.occurrence]
    return None
