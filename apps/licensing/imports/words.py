"""Words that stand in the files, and words of the portal for what is wrong with them."""

from django.utils.translation import gettext_lazy as _


def _spelt(*words: str) -> tuple[str, ...]:
    """Return words as exports spell them: true, True, TRUE."""
    return tuple(dict.fromkeys(spelling for word in words for spelling in (word, word.capitalize(), word.upper())))


TRUE_WORDS = _spelt("true", "yes", "1", "vrai", "oui")
FALSE_WORDS = _spelt("false", "no", "0", "faux", "non")

ZOOM_FREE = ("basic", "basique", "de base", "none", "aucun", "unassigned without meetings basic", "non attribué")
ZOOM_PAID = (
    "licensed",
    "on-prem",
    "on-prem user",
    "pro",
    "business",
    "corp",
    "sous licence",
    "avec licence",
    "licence",
    "zoom workplace business",
    "zoom workplace pro",
    "zoom meetings",
)
ZOOM_ROOMS = ("zoom rooms", "zoom room", "room", "salle", "salle zoom")
USER_TYPES = (*ZOOM_FREE, *ZOOM_PAID, *ZOOM_ROOMS)
ZOOM_BLOCKED = ("inactive", "deactivated", "inactif", "désactivé", "blocked", "bloqué")
UNLICENSED = ("unlicensed", "sans licence", "aucune licence", "non licencié", "non attribué")

FREE_PRODUCT = "(free|gratuit|trial|essai|exploratory|viral)"
ROOM_PRODUCT = (
    "(teams rooms|salles teams|salles microsoft teams|shared device|common area|virtual user|resource account)"
)
GUEST = "#ext#"

PROBLEMS = {
    "missing": _("is empty"),
    "too_long": _("is too long"),
    "date": _("is not a date that exists, in the order chosen for this file"),
    "count": _("is not a number from 0 to 999,999"),
    "flag": _("is neither yes nor no"),
    "address": _("is not an e-mail address"),
    "user_type": _("is not a type of user that is known"),
    "period": _("is not a period in days"),
    "encoding": _("holds characters that cannot be read: the file mixes encodings"),
    "cells": _("does not have as many cells as the first row has names"),
    "double": _("stands twice in the file, with different values"),
    "other_day": _("is another day than in the other rows"),
    "other_period": _("is another period than in the other rows"),
    "number": _("is not a whole number from 0 to 100,000,000"),
    "guid": _("is not the identifier of a licence"),
}
FAILURES = {
    "empty": _("The file is empty."),
    "spreadsheet": _("This is a spreadsheet or a ZIP archive. Save its sheet as CSV (UTF-8), then send that file."),
    "archive": _("This is an archive. Unpack it, then send the CSV file that it holds."),
    "document": _("This is a document or a picture, not a table. Export the report as CSV."),
    "markup": _("This is a web page or XML, not a table. Export the report as CSV."),
    "no_table": _("No columns were found: the first row has to hold the names of the columns."),
    "no_rows": _("The file has column names, but no row below them."),
    "too_many_columns": _("The file has more columns than the portal reads (500)."),
    "too_many_rows": _(
        "The file has more rows than the portal reads (3,000,000). Export a shorter period, if the report has one."
    ),
    "endless_line": _("A line goes on beyond 1 MB: this is not a table."),
    "unreadable": _("A row cannot be split into cells: a quotation mark is missing, or a cell is too large."),
    "json": _("This JSON is not what subscribedSkus answers."),
    "json_too_large": _("This JSON file is larger than any list of licences (5 MB)."),
    "dictionary": _("This is not Microsoft’s dictionary of licences: its columns are missing."),
    "dictionary_row": _("A row of the dictionary cannot be read; nothing was changed. Its number:"),
    "rows_wrong": _("Some rows cannot be read. Nothing was imported: correct them in the file, then send it again."),
    "already_imported": _("This very file is imported already. Nothing was changed."),
    "interrupted": _("Reading was interrupted several times. Nothing was imported; send the file again."),
    "file_gone": _("The file is no longer in the store. Send it again."),
}
