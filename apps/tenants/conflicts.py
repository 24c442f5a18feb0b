"""A lost race, and which database errors are one."""

from django.db import DatabaseError

# https://www.postgresql.org/docs/18/errcodes-appendix.html
STATUS_OF_SQLSTATE = {
    "40P01": 409,  # deadlock_detected
    "40001": 409,  # serialization_failure
    "23P01": 409,  # exclusion_violation: the room was booked meanwhile
}


class Conflict(Exception):
    """Somebody else was faster; the message says what happened and is shown to the person (409)."""


def status_of(error: BaseException) -> int | None:
    """Return the HTTP status of an error that is nobody's fault, or None for any other error."""
    if isinstance(error, Conflict):
        return 409
    if isinstance(error, DatabaseError):
        return STATUS_OF_SQLSTATE.get(getattr(error.__cause__, "sqlstate", None) or "")
    return None
