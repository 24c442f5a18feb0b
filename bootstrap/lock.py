"""Write the lock files: what pyproject.toml asks for, and what that needs, as installed here.

requirements.lock holds everything, requirements-portal.lock and requirements-worker.lock what each of them needs
where they are installed apart.

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
HEADING = "# Every version of {what}; written by `make lock`.\n"


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


def write_lock(name: str, what: str, requirements: Iterable[str]) -> None:
    """Write one lock file in the project's folder."""
    locked = pins(wanted(requirements, []))
    lines = [f"{package}=={version}\n" for package, version in sorted(locked.items())]
    (BASE_DIR / name).write_text(HEADING.format(what=what) + "".join(lines))


def main() -> int:
    """Write the lock files; return 1 where something is not installed."""
    project = tomllib.loads((BASE_DIR / "pyproject.toml").read_text())["project"]
    portal, extras = project["dependencies"], project["optional-dependencies"]
    everything = [*portal, *(line for group in extras.values() for line in group)]
    try:
        write_lock("requirements.lock", "the portal, the worker and the development tools", everything)
        write_lock("requirements-portal.lock", "the portal alone", portal)
        write_lock("requirements-worker.lock", "the media worker alone", extras["worker"])
    except PackageNotFoundError as missing:
        sys.stderr.write(f"{missing}: install it, then run this again.\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
