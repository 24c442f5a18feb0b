"""Make a bare clone ready: environment, packages, models, translations; a second run finds nothing to do.

Standard library only, for it runs before anything is installed: python3 -m bootstrap.install
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from bootstrap.console import PlainError, Step, run_logged, say, step

BASE_DIR = Path(__file__).resolve().parents[1]
VENV = BASE_DIR / ".venv"
PYTHON = VENV / "bin" / "python"
LOCK = BASE_DIR / "requirements.lock"
LOG = BASE_DIR / "var" / "log" / "install.log"
NEEDED_DISK_BYTES = 5 * 1024**3
OLDEST_NODE = 18


def is_done(stamp: Path, *sources: Path) -> bool:
    """Say whether the stamp was set for just these contents."""
    return stamp.exists() and stamp.read_text() == fingerprint(*sources)


def fingerprint(*sources: Path) -> str:
    """Return one SHA-256 over the contents of some files."""
    return hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()


def check_disk() -> None:
    """Raise PlainError where the packages would not fit."""
    free_bytes = shutil.disk_usage(BASE_DIR).free
    if free_bytes < NEEDED_DISK_BYTES:
        raise PlainError(
            f"Only {free_bytes / 1024**3:.1f} GB are free on the disk of {BASE_DIR}; "
            f"{NEEDED_DISK_BYTES // 1024**3} GB are needed: make room and start again."
        )


def node_program() -> str:
    """Return npm's path; raise PlainError where Node is missing or too old."""
    node, npm = shutil.which("node"), shutil.which("npm")
    remedy = "install it from https://nodejs.org or with: apt-get install nodejs npm"
    if node is None or npm is None:
        missing = "Node.js" if node is None else "npm, which comes with Node.js,"
        raise PlainError(f"{missing} is missing; the pages need its packages: {remedy}.")
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout.strip()  # noqa: S603
    if int(version.lstrip("v").split(".")[0]) < OLDEST_NODE:
        raise PlainError(f"Node.js {version} is too old, {OLDEST_NODE} or newer is needed: {remedy}.")
    return npm


def install_environment() -> None:
    """Make .venv and install the locked packages, torch first."""
    stamp = VENV / "installed"
    if is_done(stamp, LOCK):
        return
    check_disk()
    if not PYTHON.exists():
        with step("Python environment"):
            failure = "Python cannot make an environment (on Debian: apt-get install python3-venv)."
            run_logged([sys.executable, "-m", "venv", "--clear", str(VENV)], log=LOG, failure=failure)
    pinned = [line for line in LOCK.read_text().splitlines() if "==" in line]
    torch = next(line for line in pinned if line.startswith("torch=="))
    with step("Speech engine (torch)") as shown:
        pip_install([torch], shown, total=0)
    with step("Python packages") as shown:
        pip_install(["-r", str(LOCK)], shown, total=len(pinned))
    stamp.write_text(fingerprint(LOCK))


def pip_install(arguments: list[str], shown: Step, *, total: int) -> None:
    """Run pip with its output in the log, and show how far it is."""
    run_logged(
        [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--no-compile", *arguments],
        log=LOG,
        failure="Packages could not be installed (is this machine online?):",
        on_line=pip_progress(shown, total),
        cwd=BASE_DIR,
    )


def pip_progress(shown: Step, total: int) -> Callable[[str], None]:
    """Return what turns pip's lines into a few words about its progress."""
    done = 0

    def read(line: str) -> None:
        nonlocal done
        if line.startswith(("Collecting ", "Requirement already satisfied")) and done < total:
            done += 1
            shown.detail = f"{done} of {total}: {line.split()[1 if line.startswith('C') else 3].split('==')[0]}"
        elif line.startswith("Installing collected"):
            shown.detail = "unpacking"

    return read


def install_static_packages() -> None:
    """Fetch the packages that pages are made with, without running their scripts."""
    sources = [BASE_DIR / "package.json", BASE_DIR / "package-lock.json"]
    stamp = BASE_DIR / "node_modules" / ".installed"
    if is_done(stamp, *sources):
        return
    command = [node_program(), "ci", "--ignore-scripts"]
    if not os.access(Path.home(), os.W_OK):
        command += ["--cache", str(VENV / "npm-cache")]
    with step("Static packages"):
        run_logged(command, log=LOG, failure="Static packages could not be fetched:", cwd=BASE_DIR)
    stamp.write_text(fingerprint(*sources))


def fetch_models() -> None:
    """Fetch the small speech models of demonstration and tests, unless MODELS_DIR names others."""
    if os.environ.get("MODELS_DIR") or (BASE_DIR / "var" / "models" / "manifest.json").exists():
        return
    with step("Speech models"):
        command = [str(PYTHON), "-m", "media_worker", "models"]
        run_logged(command, log=LOG, failure="Speech models could not be fetched:", cwd=BASE_DIR)


def compile_translations() -> None:
    """Compile the French catalogue where it is newer than what was compiled."""
    source = BASE_DIR / "locale" / "fr" / "LC_MESSAGES" / "django.po"
    compiled = source.with_suffix(".mo")
    if not compiled.exists() or compiled.stat().st_mtime < source.stat().st_mtime:
        command = [str(PYTHON), "-m", "visio_portal.translations", "compile"]
        run_logged(command, log=LOG, failure=f"{source} could not be compiled:", cwd=BASE_DIR)


def find_browser() -> str | None:
    """Return the Chromium that the browser tests drive."""
    named = os.environ.get("CHROMIUM")
    names = [named] if named else ["chromium", "chromium-browser", "google-chrome"]
    return next((found for name in names if (found := shutil.which(name))), None)


def install_browser() -> None:
    """Install Chromium where that is possible and needed; otherwise say that its tests are skipped."""
    if find_browser() is not None:
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        with step("Chromium"):
            environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
            failure = "Chromium could not be installed:"
            for command in (["apt-get", "update"], ["apt-get", "install", "-y", "chromium"]):
                run_logged(command, log=LOG, failure=failure, env=environment)
    else:
        say("  Chromium is missing: its tests are skipped. Install it, or name it with CHROMIUM=/path/to/chromium.")


def main() -> int:
    """Install what is missing; return 1, after one line on standard error, where that fails."""
    parser = argparse.ArgumentParser(prog="python -m bootstrap.install", description=__doc__)
    parser.add_argument("--for-tests", action="store_true", help="also a browser")
    options = parser.parse_args()
    try:
        node_program()
        install_environment()
        install_static_packages()
        compile_translations()
        fetch_models()
    except PlainError as problem:
        sys.stderr.write(f"\n{problem}\n")
        return 1
    if options.for_tests:
        try:
            install_browser()
        except PlainError as problem:
            say(f"  {problem} Its tests are skipped.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
