"""Pin the JSON of every message, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from media_worker import contract
from media_worker.strictjson import Message

GOLDEN = Path(__file__).parent / "golden"
MESSAGES: dict[str, type[Message]] = {
    "claim_request": contract.ClaimRequest,
    "transcription_request": contract.TranscriptionRequest,
    "transcription_request_minimal": contract.TranscriptionRequest,
    "progress": contract.Progress,
    "progress_reply": contract.ProgressReply,
    "progress_reply_cancel": contract.ProgressReply,
    "completion": contract.Completion,
    "failure": contract.Failure,
    "transcription_result": contract.TranscriptionResult,
    "transcription_result_silence": contract.TranscriptionResult,
}


def load(name: str) -> Any:
    return json.loads((GOLDEN / f"{name}.json").read_text())


def test_every_golden_file_is_pinned() -> None:
    assert {path.stem for path in GOLDEN.glob("*.json")} == set(MESSAGES)


@pytest.mark.parametrize("name", MESSAGES)
def test_message_reads_and_writes_its_golden_file(name: str) -> None:
    message = MESSAGES[name].from_json((GOLDEN / f"{name}.json").read_bytes())

    assert message.to_json() == load(name)
    assert MESSAGES[name].from_json(message.to_bytes()) == message


FieldPath = tuple[str | int, ...]
OPEN_MAPS = {"models", "timings"}


def _places(value: Any, path: FieldPath = ()) -> list[FieldPath]:
    """Paths of all fields of fixed name below a value."""
    if isinstance(value, list):
        return [found for i, item in enumerate(value) for found in _places(item, (*path, i))]
    if not isinstance(value, dict):
        return []
    is_open = bool(path) and path[-1] in OPEN_MAPS
    own = [] if is_open else [(*path, key) for key in value]
    return own + [found for key, item in value.items() for found in _places(item, (*path, key))]


def _parent(value: Any, path: FieldPath) -> Any:
    for key in path[:-1]:
        value = value[key]
    return value


CASES = [(name, path) for name in MESSAGES for path in _places(load(name))]


@pytest.mark.parametrize(("name", "path"), CASES)
def test_message_refuses_a_missing_field(name: str, path: FieldPath) -> None:
    source = load(name)
    del _parent(source, path)[path[-1]]

    with pytest.raises(contract.ContractError, match=f"{path[-1]}: missing"):
        MESSAGES[name].from_json(source)


@pytest.mark.parametrize(("name", "path"), CASES)
def test_message_refuses_a_field_of_the_wrong_type(name: str, path: FieldPath) -> None:
    source = load(name)
    _parent(source, path)[path[-1]] = 7 if path[-1] in OPEN_MAPS else {"surprise": 1.5j}

    with pytest.raises(contract.ContractError, match=str(path[-1])):
        MESSAGES[name].from_json(source)


@pytest.mark.parametrize(("name", "path"), CASES)
def test_message_refuses_an_unknown_field(name: str, path: FieldPath) -> None:
    source = load(name)
    _parent(source, path)["surprise"] = 1

    with pytest.raises(contract.ContractError, match="surprise: unknown field"):
        MESSAGES[name].from_json(source)


@pytest.mark.parametrize(
    ("name", "change", "fault"),
    [
        ("progress", {"version": 2}, "version: 2 is not supported"),
        ("progress", {"fraction": 1.5}, "fraction: expected a number of at most 1"),
        ("progress", {"fraction": float("nan")}, "fraction: expected a finite number"),
        ("progress", {"fraction": True}, "fraction: expected a number"),
        ("progress", {"stage": "dreaming"}, "stage: expected one of decode"),
        ("progress", {"sequence": 0}, "sequence: expected a whole number of at least 1"),
        ("progress", {"run": "not-a-uuid"}, "run: expected a UUID"),
        ("completion", {"size_bytes": 5}, "size_bytes: expected the sum"),
        ("completion", {"parts": []}, "parts: expected the parts 1, 2"),
        ("completion", {"sha256": "ABC"}, "sha256: expected a SHA-256"),
        ("failure", {"code": "gremlins"}, "code: expected one of"),
        ("failure", {"retryable": "no"}, "retryable: expected true or false"),
        ("transcription_request", {"tracks": []}, "tracks: expected at least one track"),
        ("transcription_request", {"vocabulary": [""]}, "vocabulary[0]: expected a text"),
        ("transcription_result", {"speakers": []}, "segments: expected speakers"),
    ],
)
def test_message_names_the_fault(name: str, change: dict[str, Any], fault: str) -> None:
    with pytest.raises(contract.ContractError) as caught:
        MESSAGES[name].from_json({**load(name), **change})

    assert fault in str(caught.value)


def test_nested_fault_names_its_place() -> None:
    source = load("transcription_request")
    source["tracks"][1]["url"] = "file:///etc/passwd"

    with pytest.raises(contract.ContractError, match=r"tracks\[1\]\.url: expected an absolute"):
        contract.TranscriptionRequest.from_json(source)


@pytest.mark.parametrize("source", [b"\xff", b"{", b"[]", b"null", "[" * 100_000])
def test_message_refuses_what_is_not_a_json_object(source: bytes | str) -> None:
    with pytest.raises(contract.ContractError):
        contract.Progress.from_json(source)
