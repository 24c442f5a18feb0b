"""One export of each report in English and French, and in the encodings in which they are found."""

import json
from collections.abc import Sequence

from apps.licensing.imports.tests.files import row_of, table, teams_row, zoom_row
from apps.licensing.imports.tests.headers import (
    ACTIVE_HEADER,
    ADMIN_HEADER,
    HOSTS_HEADER,
    TEAMS_HEADER,
    ZOOM_FRENCH_HEADER,
    ZOOM_HEADER,
    columns,
)

TEAMS_FRENCH_HEADER = list(TEAMS_HEADER)
for english, french in {
    "Report Refresh Date": "Date d’actualisation du rapport",
    "User Principal Name": "Nom d’utilisateur principal",
    "Last Activity Date": "Date de la dernière activité",
    "Is Deleted": "Est supprimé",
    "Assigned Products": "Produits attribués",
    "Call Count": "Nombre d’appels",
    "Meeting Count": "Nombre de réunions",
    "Is Licensed": "Est sous licence",
    "Report Period": "Période du rapport",
}.items():
    TEAMS_FRENCH_HEADER[TEAMS_HEADER.index(english)] = french
ACTIVE_FRENCH_HEADER = list(ACTIVE_HEADER)
for english, french in {
    "Report Refresh Date": "Date de mise à jour du rapport",
    "User Principal Name": "Nom principal de l’utilisateur",
    "Display Name": "Nom d’affichage",
    "Is Deleted": "Supprimé",
    "Has Teams License": "Dispose d’une licence Teams",
    "Teams Last Activity Date": "Date de dernière activité Teams",
    "Assigned Products": "Produits affectés",
}.items():
    ACTIVE_FRENCH_HEADER[ACTIVE_HEADER.index(english)] = french
ADMIN_FRENCH_HEADER = columns(
    "Bloquer les informations d’identification,Service,Nom d’affichage,Licences,"
    "Horodatage de la suppression réversible,Nom d’utilisateur principal"
)
HOSTS_FRENCH_HEADER = columns(
    "Sujet,ID de réunion,Nom d’utilisateur,E-mail de l’utilisateur,Département,Groupe,Zoom Rooms,Création,"
    "Heure de début,Heure de fin,Durée (minutes),Participants,Nom (nom d’origine),E-mail de l’utilisateur,Arrivée,"
    "Départ,Durée (minutes),Invité,Consentement,Salle d’attente"
)
VISIO_HEADER, VISIO_FRENCH_HEADER = ["date", "e-mail", "meetings"], ["Jour", "Agent", "Réunions"]


def active_row(upn: str, licence: str = "True", day: str = "2026-11-01") -> list[str]:
    return row_of(
        ACTIVE_HEADER,
        Report_Refresh_Date="2026-11-20",
        User_Principal_Name=upn,
        Display_Name="Zoé Lefèvre",
        Is_Deleted="False",
        Has_Teams_License=licence,
        Teams_Last_Activity_Date=day,
        Assigned_Products="OFFICE 365 E1",
    )


def meeting_row(number: str, participant: str, guest: str = "No", start: str = "Nov 13, 2026 10:00 AM") -> list[str]:
    return [
        "Point d’étape", number, "Hélène", "helene@example.fr", "DSI", "", "No", "", start, "", "60", "2",
        "Nom", participant, "", "", "59", guest, "", "",
    ]  # fmt: skip


ROWS: dict[str, list[list[str]]] = {
    "teams": [
        teams_row("Zoé.Lefèvre@example.fr"),
        teams_row("dormant@example.fr", meetings="0", calls="0", Last_Activity_Date=""),
        teams_row("parti@example.fr", Is_Deleted="True"),
        teams_row("conseil_example#EXT#@example.fr", Is_Licensed="No"),
        teams_row("salle@example.fr", Assigned_Products="MICROSOFT TEAMS ROOMS PRO"),
        teams_row("deux@example.fr", Assigned_Products="MICROSOFT 365 E3+POWER BI (FREE)", meetings="999999"),
        teams_row("libre@example.fr", Assigned_Products=""),
    ],
    "active": [active_row("a@example.fr"), active_row("B@example.fr", "False", ""), active_row("c@example.fr")],
    "admin": [
        ["True", "Direction du numérique", "Béa", "Microsoft 365 E3+Power BI (free)", "", "b@example.fr"],
        ["False", "", "Cléa", "Unlicensed", "", "c@example.fr"],
        ["False", "DSI", "Dan", "Microsoft 365 E3", "2026-11-01 10:00:00Z", "d@example.fr"],
    ],
    "zoom": [
        zoom_row("Zoé@example.fr"),
        zoom_row("b@example.fr", "Basic", User_Status="Inactive"),
        zoom_row("c@example.fr", "Zoom Rooms", login=""),
    ],
    "hosts": [
        meeting_row("1", "helene@example.fr"),
        meeting_row("1", "agent@example.fr"),
        meeting_row("1", "dehors@example.com", "Yes"),
        meeting_row("2", "agent@example.fr", start="Nov 14, 2026 10:00 AM"),
    ],
    "visio": [["2026-11-01", "a@example.fr", "2"], ["2026-11-03", "A@example.fr", "1"], ["2026-11-03", "é@b.fr", "0"]],
}
HEADERS: dict[str, dict[str, Sequence[str]]] = {
    "teams": {"en": TEAMS_HEADER, "fr": TEAMS_FRENCH_HEADER},
    "active": {"en": ACTIVE_HEADER, "fr": ACTIVE_FRENCH_HEADER},
    "admin": {"en": ADMIN_HEADER, "fr": ADMIN_FRENCH_HEADER},
    "zoom": {"en": ZOOM_HEADER, "fr": ZOOM_FRENCH_HEADER},
    "hosts": {"en": HOSTS_HEADER, "fr": HOSTS_FRENCH_HEADER},
    "visio": {"en": VISIO_HEADER, "fr": VISIO_FRENCH_HEADER},
}
EXPORTS = tuple(ROWS)
ENCODINGS = (("utf-8-sig", ","), ("utf-16-le", "\t"), ("cp1252", ";"))  # with its mark, with its mark, without


def export(name: str, language: str = "en", encoding: str = "utf-8-sig", delimiter: str = ",") -> bytes:
    """Return the export of a report."""
    return table(HEADERS[name][language], ROWS[name], encoding=encoding, delimiter=delimiter)


def licences(encoding: str = "utf-8") -> bytes:
    """Return what subscribedSkus answers."""
    sku = {"skuId": "05e9a617-0261-4cee-bb44-138d3ef5d965", "skuPartNumber": "SPE_E3", "capabilityStatus": "Enabled"}
    answer = {"value": [sku | {"consumedUnits": 90, "prepaidUnits": {"enabled": 100, "warning": 5}}]}
    return json.dumps(answer).encode(encoding)
