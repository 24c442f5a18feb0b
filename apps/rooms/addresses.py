"""E-mail addresses as people paste them: one a line, or as a mail program copies them."""

import re
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

# "Dupont, Claire" <claire@…>   DUPONT Claire <claire@…>   claire@…
# Every part is bounded, so that the time grows with the length of a hostile text and not with its square.
_PERSON = re.compile(
    r"""(?: "(?P<quoted>[^"]{0,300})" | (?P<name>[^",;<>\n]{0,300}?) )
        \s{0,9} < \s{0,9} (?P<address>[^<>\s]{0,300}) \s{0,9} >
      | (?P<bare>[^\s,;<>"]+)""",
    re.VERBOSE,
)
INVITEES_MAX = 1_000  # people of one meeting: mails leave in batches, and lists of people show the first of them
TEXT_MAX = 1_000_000  # characters; far more than the people whom a meeting may have
ADDRESS_MAX, NAME_MAX = 254, 200  # characters, as the attendees' columns


class Address(NamedTuple):
    """An e-mail address in lower case, and the name that stood before it (often empty)."""

    email: str
    name: str


def parse_addresses(text: str) -> tuple[list[Address], list[str]]:
    """Return the addresses of a text, each once, in order, and the words that are none."""
    found: dict[str, Address] = {}
    wrong: list[str] = []
    for match in _PERSON.finditer(text):
        written = match["bare"] or match["address"] or match[0].strip()
        email = written.lower()
        if not is_address(email):
            wrong.append(written)
            continue
        name = " ".join((match["quoted"] or match["name"] or "").split())[:NAME_MAX]
        found.setdefault(email, Address(email, name))
    return list(found.values()), wrong


def is_address(email: str) -> bool:
    """Return whether a text in lower case is an e-mail address that fits in its column."""
    try:
        validate_email(email)
    except ValidationError:
        return False
    return len(email) <= ADDRESS_MAX
