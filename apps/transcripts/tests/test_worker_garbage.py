"""What no worker would send."""

from typing import Any

import pytest

from apps.transcripts.tests.protocol import RESULT, Worker, code, golden

pytestmark = pytest.mark.django_db


STEPS = ["claim", "progress", "complete", "fail"]
GARBAGE: list[Any] = [
    b"",
    b"null",
    b"[]",
    b"{",
    b"\xff\xfe",
    b"[" * 100_000,
    {"version": 99},
    {"run": "x"},
    {"version": 1, "attempt": 10**30},
    {"sequence": 10**12},
]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("garbage", GARBAGE, ids=lambda garbage: str(garbage)[:20])
def test_garbage_is_answered_with_400(message: dict[str, Any], step: str, garbage: Any) -> None:
    worker = Worker(message)
    worker.claim()

    answer = worker.post(message["claim_url"].replace("claim", step), garbage, worker.token)

    assert code(answer) == (400, "bad_message")


def test_numbers_and_texts_that_no_column_holds_are_no_error(message: dict[str, Any]) -> None:
    worker = Worker(message)
    name = "nul\x00 half\ud800 " + "x" * 500
    assert worker.claim(worker=golden("claim_request")["worker"] | {"name": name}).status_code == 200

    assert code(worker.progress(sequence=10**12)) == (400, "bad_message")
    assert worker.complete(RESULT, sequence=10**12).status_code == 200


@pytest.mark.parametrize("step", STEPS)
def test_only_post_with_a_bearer_secret_is_taken(message: dict[str, Any], step: str) -> None:
    path = message["claim_url"].split("8000")[1].replace("claim", step)
    client = Worker(message).client

    assert client.get(path).status_code == 405
    assert client.put(path).status_code == 405
    assert code(client.post(path, b"{}", content_type="application/json")) == (401, "unauthorized")
