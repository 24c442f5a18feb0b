"""A media worker for tests: it speaks the contract with the portal through Django's test client."""

import hashlib
import json
import uuid
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from django.test import Client

from media_worker.contract import PART_BYTES, TASK_NAME
from visio_portal import broker

GOLDEN = Path(__file__).parents[3] / "media_worker/tests/golden"


def golden(name: str) -> dict[str, Any]:
    """Return a message as the worker's own tests pin it."""
    message: dict[str, Any] = json.loads((GOLDEN / f"{name}.json").read_text())
    return message


RESULT = json.dumps(golden("transcription_result")).encode()


def code(answer: Any) -> tuple[int, str]:
    """Return the status and the stable code of a refusal."""
    return answer.status_code, answer.json()["code"]


class FakeBroker:
    """Keeps the messages that the portal sends; ``error`` is raised instead, where it is set."""

    def __init__(self) -> None:
        self.messages: list[tuple[str, dict[str, Any], dict[str, Any]]] = []
        self.error: Exception | None = None

    def send_task(self, task: str, *, kwargs: dict[str, Any], **options: Any) -> None:
        if self.error is not None:
            raise self.error
        self.messages.append((task, kwargs, options))

    def install(self, monkeypatch: pytest.MonkeyPatch) -> "FakeBroker":
        monkeypatch.setattr(broker, "current_app", self)
        return self

    def sent(self, task: str = TASK_NAME) -> list[dict[str, Any]]:
        """Return the arguments of each message of a task, oldest first."""
        return [kwargs for name, kwargs, _ in self.messages if name == task]


class Worker:
    """One run. ``message`` is what the broker delivered; ``links`` are those of the portal's last answer."""

    def __init__(self, message: dict[str, Any], *, run: UUID | None = None) -> None:
        self.message = message
        self.run = str(run or uuid.uuid4())
        self.client = Client()
        self.token = ""
        self.sequence = 0
        self.links: dict[str, Any] = {}

    def claim(self, **changes: Any) -> Any:
        body = golden("claim_request") | {"attempt": self.message["attempt"], "run": self.run} | changes
        answer = self.post(self.message["claim_url"], body, self.message["claim_secret"])
        if answer.status_code == 200:
            self.token, self.links = answer.json()["run_token"], answer.json()["links"]
        return answer

    def progress(self, **changes: Any) -> Any:
        self.sequence += 1
        body = golden("progress") | {"run": self.run, "sequence": self.sequence} | changes
        answer = self.post(self.links["progress"], body, self.token)
        if answer.status_code == 200:
            self.links = answer.json()["links"]
        return answer

    def put_result(self, content: bytes) -> list[dict[str, Any]]:
        """Put the parts of a result where the links say; return what ``complete`` states of them."""
        pieces = [content[start : start + PART_BYTES] for start in range(0, len(content), PART_BYTES)]
        for piece, address in zip(pieces, self.links["result_parts"], strict=False):
            answer = self.client.put(urlsplit(address).path, piece, content_type="application/octet-stream")
            assert answer.status_code < 300, answer.content
        return [
            {"number": number, "size_bytes": len(piece), "sha256": hashlib.sha256(piece).hexdigest()}
            for number, piece in enumerate(pieces, start=1)
        ]

    def complete(self, content: bytes, **changes: Any) -> Any:
        """Put a result and state it."""
        return self.state(content, self.put_result(content), **changes)

    def state(self, content: bytes, parts: list[dict[str, Any]], **changes: Any) -> Any:
        self.sequence += 1
        body = golden("completion") | {
            "run": self.run,
            "sequence": self.sequence,
            "sha256": hashlib.sha256(content).hexdigest(),
            "size_bytes": len(content),
            "parts": parts,
        }
        return self.post(self.links["complete"], body | changes, self.token)

    def fail(self, **changes: Any) -> Any:
        self.sequence += 1
        body = golden("failure") | {"run": self.run, "sequence": self.sequence}
        return self.post(self.links["fail"], body | changes, self.token)

    def post(self, address: str, body: Any, secret: str) -> Any:
        return self.client.post(
            urlsplit(address).path,
            body if isinstance(body, bytes) else json.dumps(body),
            content_type="application/json",
            headers={"Authorization": f"Bearer {secret}"},
        )
