"""The lock files hold what pyproject.toml asks for."""

import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from bootstrap.lock import BASE_DIR

PROJECT = tomllib.loads((BASE_DIR / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]
EVERYTHING = [*PROJECT["dependencies"], *(line for group in EXTRAS.values() for line in group)]


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("requirements.lock", EVERYTHING),
        ("requirements-portal.lock", PROJECT["dependencies"]),
        ("requirements-worker.lock", EXTRAS["worker"]),
    ],
)
def test_lock_answers_every_requirement(name: str, asked: list[str]) -> None:
    lines = (BASE_DIR / name).read_text().splitlines()
    locked = dict(line.split("==") for line in lines if not line.startswith("#"))

    for requirement in map(Requirement, asked):
        version = locked.get(canonicalize_name(requirement.name))
        assert version in requirement.specifier if version else False, f"{requirement}: run make lock"


def test_locks_name_no_registry_and_no_local_build() -> None:
    for path in BASE_DIR.glob("requirements*.lock"):
        assert not any(sign in path.read_text() for sign in ("://", "+", "--hash", "@"))
