"""The State's design system, for the demonstration's services that have pages but no Django."""

from importlib.util import find_spec
from pathlib import Path


def dsfr_folder() -> Path:
    """Return the DSFR's built files as django-dsfr brings them."""
    spec = find_spec("dsfr")  # found, not imported
    if spec is None or spec.origin is None:
        raise RuntimeError("django-dsfr is not installed")
    return Path(spec.origin).parent / "static" / "dsfr" / "dist"
