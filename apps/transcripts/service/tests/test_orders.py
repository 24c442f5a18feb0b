"""What Visio sends, read and judged without a database."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.transcripts.service.events import MetadataUnreadable, speech_events, stored_events
from apps.transcripts.service.orders import Order, OrderSerializer

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
BODY: dict[str, Any] = {
    "user_sub": "f3a1",
    "user_email": "Claire.Vasseur@transition-numerique.gouv.fr",
    "cloud_storage_url": "https://s3.example.gouv.fr/meet/recordings/1.ogg?X-Amz-Date=1&X-Amz-Signature=abc",
    "language": "fr",
    "context_language": "fr",
    "push_to_docs_config": {
        "user_email": "claire.vasseur@transition-numerique.gouv.fr",
        "title": "Réunion « qbz-mfpk-wyv »\ndu 23 novembre",
        "download_link": "https://visio.example.gouv.fr/recording/1",
        "form_link": None,
        "auto_create_summary": False,
    },
    "metadata": {
        "cloud_storage_url": "https://s3.example.gouv.fr/meet/metadata/1-metadata.json?X-Amz-Signature=abc",
        "started_at": "2026-11-23T09:00:00Z",
        "ended_at": "2026-11-23T10:00:00.250000+00:00",
    },
}
METADATA: dict[str, Any] = {
    "events": [
        {
            "participant_id": "p1",
            "type": "participant_connected",
            "timestamp": "2026-11-23T09:00:00+00:00",
            "data": None,
        },
        {"participant_id": "p1", "type": "speech_start", "timestamp": "2026-11-23T08:59:58+00:00", "data": None},
        {"participant_id": "p1", "type": "speech_end", "timestamp": "2026-11-23T10:00:05.500000+01:00", "data": None},
        {"participant_id": "p2", "type": "speech_start", "timestamp": "2026-11-23T09:00:06Z", "data": None},
        {"participant_id": "p1", "type": "chat_received", "timestamp": "2026-11-23T09:00:07Z", "data": "Bonjour"},
    ],
    "participants": [{"participantId": "p1", "name": " Claire  Vasseur "}, {"participantId": "p2", "name": None}],
}


def order(**changes: Any) -> Order:
    serializer = OrderSerializer(data=BODY | changes)
    assert serializer.is_valid(), serializer.errors
    return serializer.order()


def test_order_is_read_as_visio_writes_it() -> None:
    read = order()

    assert (read.user_email, read.language) == ("claire.vasseur@transition-numerique.gouv.fr", "fr")
    assert (read.title, read.conference_slug) == ("Réunion « qbz-mfpk-wyv » du 23 novembre", "qbz-mfpk-wyv")
    assert read.started_at == START
    assert read.metadata_url.startswith("https://s3.example.gouv.fr/meet/metadata/")


def test_order_needs_no_more_than_an_address_and_a_person() -> None:
    read = order(user_email=None, metadata=None, push_to_docs_config=None, language=None, unheard_of=1)

    assert (read.user_email, read.metadata_url, read.title, read.language) == ("", "", "", "")


@pytest.mark.parametrize(
    ("url", "is_same"),
    [
        ("https://s3.example.gouv.fr/meet/recordings/1.ogg?X-Amz-Date=2&X-Amz-Signature=def", True),
        ("https://S3.example.gouv.fr/meet/recordings/1.ogg?Signature=x&Expires=9&AWSAccessKeyId=k", True),
        ("https://s3.example.gouv.fr/meet/recordings/1.ogg?versionId=7&X-Amz-Signature=abc", False),
        ("https://s3.example.gouv.fr/meet/recordings/2.ogg?X-Amz-Date=1&X-Amz-Signature=abc", False),
        ("https://s4.example.gouv.fr/meet/recordings/1.ogg?X-Amz-Date=1&X-Amz-Signature=abc", False),
    ],
    ids=["signed-again", "signed-otherwise", "other-version", "other-file", "other-host"],
)
def test_same_recording_is_recognised_however_it_is_signed(url: str, is_same: bool) -> None:
    assert (order(cloud_storage_url=url).source_digest == order().source_digest) is is_same


@pytest.mark.parametrize(
    "change",
    [
        {"cloud_storage_url": None},
        {"cloud_storage_url": "https://s3.example.gouv.fr/" + "a" * 5000},
        {"user_sub": "a\x00b"},
        {"user_email": "nobody"},
        {"language": "français"},
        {"metadata": {"cloud_storage_url": "https://x.fr/", "started_at": "now", "ended_at": "later"}},
        {"metadata": BODY["metadata"] | {"ended_at": "2026-11-23T08:00:00Z"}},
        {"metadata": BODY["metadata"] | {"started_at": "0001-01-01T00:00:00+14:00"}},
        {"metadata": []},
        {"push_to_docs_config": "x"},
    ],
    ids=range(10),
)
def test_wrong_value_is_refused(change: dict[str, Any]) -> None:
    assert not OrderSerializer(data=BODY | change).is_valid()


def test_metadata_become_events_of_those_with_a_name() -> None:
    rows = speech_events(json.dumps(METADATA).encode(), START)

    assert rows == [
        {"participant_id": "p1", "name": "Claire Vasseur", "type": "speech_start", "timestamp": 0.0},
        {"participant_id": "p1", "name": "Claire Vasseur", "type": "speech_end", "timestamp": 5.5},
    ]
    assert [event.timestamp for event in stored_events(rows)] == [0.0, 5.5]


@pytest.mark.parametrize(
    "content", [b"", b"[]", b'{"events": {}}', b"[" * 100_000, b'{"events": []}', b"\xff"], ids=range(6)
)
def test_unreadable_metadata_is_one_of_ours(content: bytes) -> None:
    with pytest.raises(MetadataUnreadable):
        speech_events(content, START)


leaves = st.none() | st.integers() | st.floats() | st.text(max_size=9)
json_values = leaves | st.lists(leaves, max_size=2) | st.dictionaries(st.text(max_size=9), leaves, max_size=2)
moments = st.datetimes(timezones=st.just(UTC)).map(datetime.isoformat)
entries = st.fixed_dictionaries(
    {
        "participant_id": st.just("p1") | json_values,
        "type": st.sampled_from(["speech_start", "speech_end", "x"]) | json_values,
        "timestamp": moments | json_values,
    }
)


@settings(max_examples=60, deadline=None)
@given(st.lists(entries | json_values, max_size=4), st.text(max_size=9), json_values)
def test_any_metadata_is_taken_or_left_out(events: list[Any], name: str, other: Any) -> None:
    content = {"events": events, "participants": [{"participantId": "p1", "name": name}, other]}

    for event in stored_events(speech_events(json.dumps(content).encode(), START)):
        assert event.timestamp >= 0
        assert event.name
