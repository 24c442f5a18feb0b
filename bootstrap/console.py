"""What a person sees in the terminal while things start: one line per step, never a frozen screen."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PLAIN_INTERVAL_S = 15.0  # between two signs of life where the output is no terminal
TERMINAL_INTERVAL_S = 0.5


class PlainError(Exception):
    """There is no going on; the message is one line that says what to do."""


def last_line(path: Path) -> str:
    """Return the last line of a log that holds anything, for a message."""
    if not path.exists():
        return "no log was written"
    lines = [line for line in path.read_text(errors="replace").splitlines() if line.strip()]
    return lines[-1] if lines else "its log is empty"


def say(line: str = "") -> None:
    """Print one line at once, also through a pipe."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


class Step:
    """One line of the screen: a name, what is going on, and the seconds since it began."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.detail = ""
        self._begun = time.monotonic()
        self._over = threading.Event()
        self._is_terminal = sys.stdout.isatty()
        self._ticker = threading.Thread(target=self._tick, daemon=True)
        self._ticker.start()

    @property
    def elapsed_s(self) -> float:
        return time.monotonic() - self._begun

    def finish(self, outcome: str) -> None:
        """Replace the line by its outcome."""
        self._over.set()
        self._ticker.join()
        if self._is_terminal:
            sys.stdout.write("\r\033[K")
        say(f"  {self.name:<34} {outcome}")

    def _tick(self) -> None:
        interval_s = TERMINAL_INTERVAL_S if self._is_terminal else PLAIN_INTERVAL_S
        if self._is_terminal:
            self._show()
        while not self._over.wait(interval_s):
            self._show()

    def _show(self) -> None:
        line = f"  {self.name:<34} {self.elapsed_s:4.0f} s  {self.detail}"
        if self._is_terminal:
            sys.stdout.write(f"\r\033[K{line[:110]}")
            sys.stdout.flush()
        else:
            say(line.rstrip())


@contextmanager
def step(name: str) -> Iterator[Step]:
    """Show one step while it lasts, then how long it took."""
    shown = Step(name)
    try:
        yield shown
    except BaseException:
        shown.finish(f"failed after {shown.elapsed_s:.1f} s")
        raise
    shown.finish(f"{shown.elapsed_s:.1f} s")


def run_logged(
    command: Sequence[str],
    *,
    log: Path,
    failure: str,
    on_line: Callable[[str], None] | None = None,
    **options: Any,
) -> None:
    """Run a command with all its output in `log`; raise PlainError with `failure` and its last line."""
    log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with log.open("a") as file:
        process = subprocess.Popen(  # noqa: S603
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options
        )
        with process:
            for line in process.stdout or ():
                file.write(line)
                if on_line is not None:
                    on_line(line)
    if process.returncode != 0:
        raise PlainError(f"{failure} {last_line(log)} (all of it in {log})")
