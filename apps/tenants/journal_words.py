"""The details of the journal's events in words; what is missing here is shown as it is written."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import models
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.tenants.models import ApiToken, Role

Word = str | Promise

DETAIL_LABELS: dict[str, Word] = {
    "added": _("given"),
    "amount_eur": _("amount in euros"),
    "amr": _("proved with"),
    "answer": _("answer"),
    "attempt": _("attempt"),
    "by": _("by"),
    "callback": _("address to call back"),
    "changed": _("changed"),
    "choice": _("decision"),
    "closes": _("closes"),
    "closures": _("closed periods"),
    "code": _("reason"),
    "count": _("number"),
    "currency": _("currency"),
    "dates": _("dates"),
    "delegate": _("delegate"),
    "digest": _("SHA-256"),
    "duration_s": _("length"),
    "ends_on": _("until"),
    "effective_on": _("effective on"),
    "expires_at": _("expires"),
    "fault": _("fault"),
    "fields": _("changed"),
    "format": _("format"),
    "has_new_key": _("new key"),
    "hosts": _("servers"),
    "idp_id": _("identity provider"),
    "is_corrected": _("corrected"),
    "job": _("transcription"),
    "kind": _("kind"),
    "line": _("line"),
    "managers": _("managers"),
    "managers_added": _("managers added"),
    "managers_removed": _("managers taken away"),
    "member": _("member"),
    "mode": _("laid down"),
    "month": _("month"),
    "number": _("number"),
    "opens": _("opens"),
    "people": _("people"),
    "principal": _("in the name of"),
    "product": _("product"),
    "proof": _("proof"),
    "reason": _("reason"),
    "removed": _("taken away"),
    "roles": _("roles"),
    "room": _("room"),
    "rule": _("rule"),
    "scopes": _("allows"),
    "seats": _("seats"),
    "segments": _("lines of text"),
    "shared": _("shared with the unit"),
    "sha256": _("SHA-256 of the result"),
    "siret": _("SIRET"),
    "speaker": _("voice"),
    "speakers": _("voices"),
    "starts_on": _("from"),
    "to": _("ministry"),
    "tracks": _("tracks"),
    "value": _("value"),
    "version": _("version"),
    "weekdays": _("weekdays (0: Monday)"),
    "worker": _("machine"),
    "year": _("year"),
}

ROLES: dict[str, Word] = dict(Role.choices)
# RFC 8176, and what ProConnect adds to it.
METHODS: dict[str, Word] = {
    "fc": _("FranceConnect"),
    "hwk": _("security key"),
    "mail": _("code by e-mail"),
    "mfa": _("two factors"),
    "otp": _("one-time code"),
    "pin": _("PIN code"),
    "pop": _("key or card"),
    "pwd": _("password"),
    "sc": _("smart card"),
    "sms": _("code by SMS"),
    "swk": _("key kept by the device"),
    "totp": _("one-time code"),
}
REFUSED_SIGN_INS: dict[str, Word] = {
    "access_ended": _("access ended or account closed"),
    "email_taken": _("address of another account"),
    "email_not_vouched_for": _("provider not trusted for the address’s domain"),
    "unknown_organisation": _("establishment without a ministry"),
}

VALUES: dict[str, dict[str, Word]] = {
    "added": ROLES,
    "amr": METHODS,
    "by": {"siret": _("SIRET of the establishment")},
    "reason": REFUSED_SIGN_INS,
    "removed": ROLES,
    "roles": ROLES,
    "scopes": dict(ApiToken.Scope.choices),
}

ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
DIGEST = re.compile(r"[0-9a-f]{64}")
ID_SHOWN, DIGEST_SHOWN = 8, 16  # characters
NOBODY: dict[UUID, str] = {}


class Detail(NamedTuple):
    """One entry of an event's data; ``whole`` is the value where ``text`` is cut short, else empty."""

    label: Word
    text: str
    whole: str = ""


def name_values(key: str, words: Mapping[str, Word]) -> None:
    """Say how the values of a detail read; an app adds those of its own events."""
    VALUES[key] = {**VALUES.get(key, {}), **words}


def name_fields(key: str, *row_models: type[models.Model]) -> None:
    """Let a detail that lists changed fields call them as the models' forms do."""
    for model in row_models:
        name_values(key, {field.name: field.verbose_name for field in model._meta.concrete_fields})


def ids_in(data: Mapping[str, Any]) -> set[UUID]:
    """Return the ids that stand in an event's data."""
    values = [item for value in data.values() for item in (value if isinstance(value, list) else [value])]
    return {UUID(value) for value in values if isinstance(value, str) and ID.fullmatch(value)}


def details_of(data: Mapping[str, Any], zone: ZoneInfo, names: Mapping[UUID, str] = NOBODY) -> list[Detail]:
    """Return an event's data as a person reads it: ids by name where known, days and times of the zone."""
    return [_detail(key, value, zone, names) for key, value in data.items()]


def _detail(key: str, value: Any, zone: ZoneInfo, names: Mapping[UUID, str]) -> Detail:
    label = DETAIL_LABELS.get(key, key.replace("_", " "))
    values = value if isinstance(value, list) else [value]
    text = ", ".join(_in_words(key, item, zone, names) for item in values) or "–"
    is_cut = isinstance(value, str) and (DIGEST.fullmatch(value) or (ID.fullmatch(value) and UUID(value) not in names))
    return Detail(label, text, value if is_cut else "")


def _in_words(key: str, value: Any, zone: ZoneInfo, names: Mapping[UUID, str]) -> str:
    if isinstance(value, str) and ID.fullmatch(value):
        return names.get(UUID(value), value[:ID_SHOWN])
    if isinstance(value, str) and DIGEST.fullmatch(value):
        return value[:DIGEST_SHOWN]
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if key.endswith("_s") and isinstance(value, int | float):
        return _length(round(value))
    if key.endswith(("_at", "_on")):
        return _day_or_moment(str(value), zone)
    return str(VALUES.get(key, {}).get(str(value), value))


def _day_or_moment(text: str, zone: ZoneInfo) -> str:
    """Write an ISO 8601 day or moment by the language's short format; anything else as it is."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    if moment.tzinfo is None:
        return date_format(moment, "SHORT_DATE_FORMAT")
    return date_format(moment.astimezone(zone), "SHORT_DATETIME_FORMAT")


def _length(seconds: int) -> str:
    minutes, rest = divmod(seconds, 60)
    return gettext("%(minutes)s min %(seconds)s s") % {"minutes": minutes, "seconds": rest}
