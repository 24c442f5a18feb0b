"""The supervisor: it restarts what died, stops in order, and ends with its starter."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from visio_portal.services.supervisor import BASE_DIR, Program, Supervisor, wait_for_former

SLEEP = [sys.executable, "-S", "-c", "import time; print('awake', flush=True); time.sleep(600)"]
NOTE_STOP = """
import signal, sys, time
def stop(number, frame):
    with open(sys.argv[1], "a") as file:
        file.write(sys.argv[2] + "\\n")
    sys.exit()
signal.signal(signal.SIGTERM, stop)
print("awake", flush=True)
time.sleep(600)
"""
STARTER = """
import os, sys, time
from pathlib import Path
from visio_portal.services.supervisor import Program, Supervisor
command = [sys.executable, "-S", "-c", "import time; time.sleep(600)"]
state_dir = Path(sys.argv[1])
supervisor = Supervisor(state_dir, [Program(name="sleeper", command=command)], os.environ)
supervisor.start()
supervisor.start_programs("sleeper")
while not (pid := supervisor.states()["sleeper"]["pid"]):
    time.sleep(0.05)
print(pid, flush=True)
time.sleep(600)
"""


def wait_for(look: Callable[[], bool], timeout_s: float = 60.0) -> bool:
    """Return what `look` finds, once it finds something."""
    deadline = time.monotonic() + timeout_s
    while not (found := look()):
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)
    return found


@pytest.fixture
def state_dir(tmp_path: Path) -> Path:
    (tmp_path / "secrets").mkdir()
    return tmp_path


@pytest.fixture
def supervise(state_dir: Path) -> Iterator[Callable[..., Supervisor]]:
    started: list[Supervisor] = []

    def start(*programs: Program) -> Supervisor:
        supervisor = Supervisor(state_dir, programs, os.environ)
        started.append(supervisor)
        supervisor.start()
        supervisor.start_programs(*(program.name for program in programs))
        logs = [supervisor.program_log(program.name) for program in programs]
        wait_for(lambda: all("awake" in read(log) and read(log).endswith("\n") for log in logs))
        return supervisor

    yield start
    for supervisor in started:
        supervisor.stop()


def read(path: Path) -> str:
    return path.read_text() if path.exists() else ""


def test_killed_program_is_started_again(supervise: Callable[..., Supervisor]) -> None:
    supervisor = supervise(Program(name="sleeper", command=SLEEP))
    former = supervisor.states()["sleeper"]["pid"]

    os.kill(former, signal.SIGKILL)

    assert wait_for(lambda: supervisor.states()["sleeper"]["pid"] not in (0, former))


def test_stop_ends_first_programs_last(supervise: Callable[..., Supervisor], tmp_path: Path) -> None:
    order, script = tmp_path / "order", tmp_path / "note_stop.py"
    script.write_text(NOTE_STOP)
    command = [sys.executable, "-S", str(script), str(order)]
    supervisor = supervise(
        Program(name="database", command=[*command, "database"], first=True),
        Program(name="portal", command=[*command, "portal"]),
    )

    supervisor.stop()

    assert order.read_text().split() == ["portal", "database"]
    assert not supervisor.is_running()


def test_stop_kills_a_program_that_does_not_listen(supervise: Callable[..., Supervisor]) -> None:
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('awake', flush=True)"
    program = Program(name="deaf", command=[sys.executable, "-S", "-c", f"{deaf}; time.sleep(600)"], stop_wait_s=1)
    supervisor = supervise(program)
    pid = supervisor.states()["deaf"]["pid"]

    supervisor.stop()

    assert not psutil.pid_exists(pid)


def test_program_does_not_see_what_is_withheld(
    supervise: Callable[..., Supervisor], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WITHHELD", "secret")
    monkeypatch.setenv("GIVEN", "100%")
    tell = (
        "import os, time; print('awake', os.environ.get('WITHHELD'), os.environ['GIVEN'], flush=True); time.sleep(600)"
    )
    program = Program(name="teller", command=[sys.executable, "-S", "-c", tell], without=["WITHHELD"])

    supervisor = supervise(program)

    assert read(supervisor.program_log("teller")) == "awake None 100%\n"


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not tell a child of its parent's death")
def test_programs_end_with_a_killed_starter(state_dir: Path) -> None:
    command = [sys.executable, "-c", STARTER, str(state_dir)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=BASE_DIR) as starter:
        assert starter.stdout is not None
        pid = int(starter.stdout.readline())
        starter.kill()

    wait_for_former(state_dir)

    assert wait_for(lambda: not psutil.pid_exists(pid))
