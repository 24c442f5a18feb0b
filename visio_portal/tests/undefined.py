"""Undefined variables in our own templates, which Django would render as nothing."""

import sys
from types import FrameType

from django.conf import settings


class UndefinedVariable(str):
    """``string_if_invalid`` that fails for the project's templates and stays silent for the libraries'."""

    def __mod__(self, name: object) -> str:
        origin = _origin(sys._getframe())
        if origin.startswith(str(settings.BASE_DIR / "templates")):
            raise AssertionError(f"{origin} uses {name}, which is not defined.")
        return ""


def _origin(frame: FrameType | None) -> str:
    """Return the file of the template whose node is being rendered."""
    while frame is not None:
        origin = getattr(frame.f_locals.get("self"), "origin", None)
        if origin is not None:
            return str(origin.name)
        frame = frame.f_back
    return ""
