"""What a person is told when the demonstration cannot start."""

import shutil
import socket
from collections import namedtuple
from pathlib import Path

import pytest

from visio_portal.demonstration.people import ROLE_NAMES, load_people
from visio_portal.services.demo import Installation, Watch, greeting, only_one, remove_data
from visio_portal.services.processes import LOOPBACK, ServiceError
from visio_portal.services.supervisor import States


def test_taken_port_says_what_to_do(tmp_path: Path) -> None:
    with socket.create_server((LOOPBACK, 0)) as taken:
        installation = Installation(tmp_path, port=taken.getsockname()[1])
        with pytest.raises(ServiceError, match=r"^Port \d+ is taken .*PORT=8001 make demo"):
            installation.start()


def test_full_disk_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(10**12, 10**12 - 5 * 10**6, 5 * 10**6))

    with pytest.raises(ServiceError, match=r"^Only 4 MB are free .*make room"):
        Installation(tmp_path, port=None).start()


def test_second_demonstration_on_one_folder_is_refused(tmp_path: Path) -> None:
    with (
        only_one(tmp_path, "http://127.0.0.1:8000"),
        pytest.raises(ServiceError, match=r"already runs .*http://127\.0\.0\.1:8000"),
        only_one(tmp_path, "http://127.0.0.1:8001"),
    ):
        pass


def test_reset_keeps_the_models_alone(tmp_path: Path) -> None:
    for name in ("models", "postgres", "log"):
        (tmp_path / name).mkdir()
    (tmp_path / "postgres.port").write_text("5432")

    remove_data(tmp_path)

    assert [path.name for path in tmp_path.iterdir()] == ["models"]


def test_greeting_names_one_person_for_each_role() -> None:
    text = "\n".join(greeting("http://127.0.0.1:8000", "http://127.0.0.1:8025", load_people()))

    assert "http://127.0.0.1:8000" in text
    assert all(text.count(f" {name} ") == 1 for name in ROLE_NAMES.values())


def test_watch_tells_each_trouble_once() -> None:
    def states(pid: int, statename: str) -> States:
        return {"media": {"pid": pid, "statename": statename}}

    watched = Watch(states(1, "RUNNING"))
    told = [
        [what for _, what in watched.news(states(pid, statename))]
        for pid, statename in (
            (1, "RUNNING"),
            (2, "STARTING"),
            (0, "BACKOFF"),
            (3, "STARTING"),
            (0, "BACKOFF"),
            (4, "STARTING"),
            (4, "RUNNING"),
        )
    ]

    assert told == [
        [],
        ["had ended and was started again"],
        ["does not stay up and is tried again from time to time"],
        [],
        [],
        [],
        ["stays up again"],
    ]
