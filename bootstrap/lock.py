"""Write requirements.lock: what pyproject.toml asks for, and what that needs, as installed here.

After a change in pyproject.toml: pip install what changed, `make test`, then `make lock`.
"""

import sys
import tomllib
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

BASE_DIR = Path(__file__).resolve().parents[1]
HEADING = """\
# Every version of the portal, the worker and the development tools; written by `make lock`.
# torch is installed first: its build decides which others of its kind are right on this machine.
"""


def wanted(requirements: Iterable[str], extras: Iterable[str]) -> list[Requirement]:
    """Return the requirements that hold on this machine with these extras."""
    environments = [{"extra": extra} for extra in ("", *extras)]
    parsed = [Requirement(text) for text in requirements]
    return [one for one in parsed if one.marker is None or any(one.marker.evaluate(each) for each in environments)]


def pins(requirements: list[Requirement]) -> dict[str, str]:
    """Return name and installed version of the requirements and of all that they need."""
    found: dict[str, str] = {}
    seen: set[tuple[str, str]] = set()
    waiting = list(requirements)
    while waiting:
        requirement = waiting.pop()
        for extra in ("", *requirement.extras):
            key = (canonicalize_name(requirement.name), extra)
            if key not in seen:
                seen.add(key)
                installed = distribution(requirement.name)
                found[key[0]] = installed.version.split("+")[0]  # the registry knows no local build
                waiting += wanted(installed.requires or [], [extra])
    return found


def main() -> int:
    """Write the lock file; return 1 where something is not installed."""
    project = tomllib.loads((BASE_DIR / "pyproject.toml").read_text())["project"]
    groups = project["optional-dependencies"].values()
    asked = wanted([*project["dependencies"], *(line for group in groups for line in group)], [])
    try:
        locked = pins(asked)
    except PackageNotFoundError as missing:
        sys.stderr.write(f"{missing}: install it, then run this again.\n")
        return 1
    lines = [f"{name}=={version}\n" for name, version in sorted(locked.items())]
    (BASE_DIR / "requirements.lock").write_text(HEADING + "".join(lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
