"""Saving a row that may exist once."""

from collections.abc import Sequence

from django.db import IntegrityError, models, transaction


class AlreadyExists(Exception):
    """A row of this name, or for this day, exists already."""


def save_once(row: models.Model, fields: Sequence[str] | None = None) -> None:
    """Save a row; raise AlreadyExists where a unique constraint refuses it."""
    try:
        with transaction.atomic():
            row.save(update_fields=fields)
    except IntegrityError as error:
        if error.__cause__ is not None and getattr(error.__cause__, "sqlstate", "") == "23505":
            raise AlreadyExists from error
        raise
