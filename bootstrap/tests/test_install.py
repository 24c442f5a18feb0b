"""What a person is told when a bare machine lacks something."""

import shutil
import sys
from collections import namedtuple
from pathlib import Path

import pytest

from bootstrap import install
from bootstrap.console import PlainError, Step, run_logged


def test_missing_node_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)

    with pytest.raises(PlainError, match=r"^Node\.js is missing.*nodejs\.org.*apt-get install nodejs npm\.$"):
        install.node_program()


def test_old_node_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("node", "npm"):
        (tmp_path / name).write_text("#!/bin/sh\necho v12.22.0\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")

    with pytest.raises(PlainError, match=r"^Node\.js v12\.22\.0 is too old, 18 or newer is needed"):
        install.node_program()


def test_full_disk_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(10**12, 10**12 - 10**9, 10**9))

    with pytest.raises(PlainError, match=r"^Only 0\.9 GB are free .*5 GB are needed: make room"):
        install.check_disk()


def test_failed_command_is_one_line_with_its_log(tmp_path: Path) -> None:
    log = tmp_path / "install.log"
    command = [sys.executable, "-c", "print('noise'); raise SystemExit('no network')"]

    with pytest.raises(
        PlainError, match=r"^Packages could not be installed: no network \(all of it in .*install\.log\)$"
    ):
        run_logged(command, log=log, failure="Packages could not be installed:")

    assert log.read_text() == "noise\nno network\n"


def test_progress_counts_packages(capsys: pytest.CaptureFixture[str]) -> None:
    shown = Step("Python packages")
    read = install.pip_progress(shown, 250)

    read("Collecting django==5.2.19 (from -r requirements.lock (line 3))\n")
    read("Requirement already satisfied: torch==2.13.0 in ./.venv/lib (from -r requirements.lock (line 4))\n")

    assert shown.detail == "2 of 250: torch"
    shown.finish("done")
    assert "Python packages" in capsys.readouterr().out


def test_stamp_follows_the_contents(tmp_path: Path) -> None:
    source, stamp = tmp_path / "lock", tmp_path / "stamp"
    source.write_text("one==1")
    stamp.write_text(install.fingerprint(source))
    assert install.is_done(stamp, source)

    source.write_text("one==2")

    assert not install.is_done(stamp, source)
