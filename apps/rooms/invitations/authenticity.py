"""Whether a mail was sent by whom it says (RFC 8601): what the ministry's own mail server found out.

Only the first header of that server counts; what stands below it may have come with the mail.
"""

import re
from enum import Enum

from apps.rooms.invitations.incoming import Sender

_METHOD = re.compile(r"\b(dmarc|spf|dkim)\s*=\s*(\w+)([^;]*)", re.IGNORECASE)
_DOMAIN = re.compile(r"\b(?:smtp\.mailfrom|header\.d)\s*=\s*(?:[^\s;@]*@)?([\w.-]+)", re.IGNORECASE)


class Verdict(Enum):
    GENUINE = "genuine"
    FORGED = "forged"
    UNKNOWN = "unknown"


def verdict_on(sender: Sender, authserv_id: str) -> Verdict:
    """Return what is known about a sender; without a verifying server, From is believed."""
    if not authserv_id:
        return Verdict.GENUINE
    own = next((text for text in sender.results if _server_of(text) == authserv_id.lower()), None)
    if own is None:
        return Verdict.UNKNOWN
    found = [(name.lower(), result.lower(), properties) for name, result, properties in _METHOD.findall(own)]
    dmarc = next((result for name, result, _properties in found if name == "dmarc"), "none")
    if dmarc == "pass":
        return Verdict.GENUINE
    if dmarc in ("fail", "permerror"):
        return Verdict.FORGED
    if any(result == "pass" and _is_aligned(properties, sender) for _name, result, properties in found):
        return Verdict.GENUINE
    failed = any(name in ("spf", "dkim") and result in ("fail", "hardfail") for name, result, _rest in found)
    return Verdict.FORGED if failed else Verdict.UNKNOWN


def _server_of(text: str) -> str:
    words = re.sub(r"\([^)]*\)", " ", text).partition(";")[0].split()
    return words[0].lower() if words else ""


def _is_aligned(properties: str, sender: Sender) -> bool:
    """Return whether what was verified is the domain that stands in From, or one above it."""
    domain = sender.address.rpartition("@")[2]
    return any(domain == name.lower() or domain.endswith(f".{name.lower()}") for name in _DOMAIN.findall(properties))
