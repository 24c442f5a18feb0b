"""Why a mail was not delivered, in plain words: SMTP answers and delivery reports (RFC 3463 status codes)."""

import re

from django.utils.translation import gettext

REASON_MAX = 500  # characters, as the column
_ENHANCED = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")


def written_reason(code: int, answer: str) -> str:
    """Return a server's answer as it is kept: "550 5.1.1 No such user here"."""
    return " ".join(f"{code} {answer}".split())[:REASON_MAX]


def reason_in_words(reason: str) -> str:
    """Return what a kept reason means to the organiser."""
    match = _ENHANCED.search(reason)
    code = (int(match[2]), int(match[3])) if match else None
    words = {
        (1, 0): gettext("There is no such address."),
        (1, 1): gettext("There is no such address."),
        (1, 2): gettext("There is no such mail domain; look for a typing error after the @."),
        (1, 3): gettext("The address is not written as an address should be."),
        (1, 6): gettext("The mailbox has moved, and its new address is not known."),
        (1, 10): gettext("This domain takes no mail at all."),
        (2, 1): gettext("The mailbox is closed."),
        (2, 2): gettext("The mailbox is full."),
        (2, 3): gettext("The mail was too long for this mailbox."),
        (3, 4): gettext("The mail was too long for this server."),
        (4, 1): gettext("The other server did not answer."),
        (4, 4): gettext("There is no such mail domain; look for a typing error after the @."),
        (4, 7): gettext("The mail was tried for a long time and never taken."),
    }
    if code in words:
        return words[code]
    if code is not None and code[0] == 7:
        return gettext("The other server refuses the portal’s mails for reasons of its own (its rules against spam).")
    if reason.startswith(("550", "551", "553")):
        return gettext("The other server refused this address.")
    if reason.startswith("552"):
        return gettext("The mailbox is full.")
    return gettext("The other server refused the mail.")
