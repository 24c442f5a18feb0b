"""A lost race, and which database errors are one."""

from typing import ClassVar

from django.db import DatabaseError

# https://www.postgresql.org/docs/18/errcodes-appendix.html
STATUS_OF_SQLSTATE = {
    "40P01": 409,  # deadlock_detected
    "40001": 409,  # serialization_failure
    "23P01": 409,  # exclusion_violation: the room was booked meanwhile
}


class Conflict(Exception):
    """Somebody else was faster; the message says what happened and is shown to the person (409).

    A refusal of another kind sets another ``status`` and ``code``, and in ``fields`` what is wrong by field.
    """

    status: ClassVar[int] = 409
    code: ClassVar[str] = "conflict"

    @property
    def fields(self) -> dict[str, list[dict[str, str]]]:
        return {}


def status_of(error: BaseException) -> int | None:
    """Return the HTTP status of an error that is nobody's fault, or None for any other error."""
    if isinstance(error, Conflict):
        return error.status
    if isinstance(error, DatabaseError):
        return STATUS_OF_SQLSTATE.get(getattr(error.__cause__, "sqlstate", None) or "")
    return None
