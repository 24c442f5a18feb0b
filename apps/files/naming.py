"""Names and media types as senders state them, made safe to keep and to give back."""

import re

MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,62}/[a-z0-9][a-z0-9!#$&^_.+-]{0,62}")
UNKNOWN_MEDIA_TYPE = "application/octet-stream"
NAME_LENGTH = 255


def clean_name(name: str) -> str:
    """Return a file's name without folders and without characters that cannot be seen (such as bidi marks)."""
    last = re.split(r"[/\\]", name)[-1]
    visible = "".join(character for character in last if character.isprintable()).strip()
    return visible[:NAME_LENGTH] or "-"


def clean_media_type(media_type: str) -> str:
    """Return type/subtype in lower case without parameters; application/octet-stream for anything else."""
    plain = media_type.partition(";")[0].strip().lower()
    return plain if MEDIA_TYPE.fullmatch(plain) else UNKNOWN_MEDIA_TYPE


def is_playable(media_type: str) -> bool:
    """Return whether a browser may show the type in place; anything else is only ever downloaded."""
    return media_type.startswith(("audio/", "video/"))
