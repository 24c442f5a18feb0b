"""The tenant's WebSocket: who gets in, who may follow what, and when it is closed."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from asgiref.sync import async_to_sync
from channels.db import database_sync_to_async
from channels.testing import WebsocketCommunicator

from apps.tenants.consumers import NOT_ALLOWED, ROLE_LOST
from apps.tenants.models import Membership, User
from apps.tenants.tests.factories import MembershipFactory, TenantFactory
from apps.transcripts.tests.factories import TranscriptFactory
from visio_portal.asgi import websocket
from visio_portal.realtime import close_sockets, publish

pytestmark = pytest.mark.django_db(transaction=True)

PATIENCE_S = 30  # on a slow machine


def socket_of(user: User, slug: str) -> WebsocketCommunicator:
    socket = WebsocketCommunicator(websocket, f"/ws/t/{slug}/")
    socket.scope["user"] = user  # type: ignore[typeddict-unknown-key]  # AuthMiddleware adds it
    return socket


@async_to_sync
async def first_answers(member: Membership, topic: str, tell: Any, *, wait_s: float) -> list[Any]:
    """Follow a topic, call ``tell``, and return what came: the subscription, the hint (None where nothing came)."""
    socket = socket_of(member.user, member.tenant.slug)
    await socket.connect(timeout=PATIENCE_S)
    await socket.send_json_to({"subscribe": topic})
    answers = []
    for action in (None, tell):
        if action is not None:
            await database_sync_to_async(action)()
        answers.append(None if await socket.receive_nothing(timeout=wait_s) else await socket.receive_json_from())
    await socket.disconnect(timeout=PATIENCE_S)
    return answers


def test_socket_forwards_hints_to_those_who_may_see_the_object() -> None:
    transcript = TranscriptFactory.create()
    topic = f"transcript:{transcript.id}"

    answers = first_answers(
        transcript.recording.meeting.organizer,
        topic,
        lambda: publish(transcript.tenant_id, topic, {"type": "renamed"}),
        wait_s=PATIENCE_S,
    )

    assert answers == [
        {"topic": topic, "event": {"type": "subscribed"}},
        {"topic": topic, "event": {"type": "renamed"}},
    ]


@pytest.mark.parametrize("topic", ["transcript:{id}", "transcript:{other}", "transcript:x", "meeting:{id}", ""])
def test_socket_is_silent_about_what_a_colleague_may_not_see(topic: str) -> None:
    transcript = TranscriptFactory.create()
    colleague = MembershipFactory.create(tenant=transcript.tenant)
    topic = topic.format(id=transcript.id, other=uuid4())

    answers = first_answers(
        colleague, topic, lambda: publish(transcript.tenant_id, topic, {"type": "renamed"}), wait_s=0.5
    )

    assert answers == [None, None]


@pytest.mark.parametrize("case", ["another ministry", "unknown ministry", "membership ended"])
def test_socket_refuses_a_stranger(case: str) -> None:
    member = MembershipFactory.create(ended_at="2026-01-01T00:00Z" if case == "membership ended" else None)
    slug = {"another ministry": TenantFactory.create().slug, "unknown ministry": "inconnu"}.get(
        case, member.tenant.slug
    )

    @async_to_sync
    async def connect() -> tuple[bool, int | str | None]:
        return await socket_of(member.user, slug).connect(timeout=PATIENCE_S)

    assert connect() == (False, NOT_ALLOWED)


def test_socket_closes_when_its_person_loses_a_role() -> None:
    member = MembershipFactory.create()

    @async_to_sync
    async def closing_code(tenant_id: UUID, user_id: UUID) -> Any:
        socket = socket_of(member.user, member.tenant.slug)
        await socket.connect(timeout=PATIENCE_S)
        await database_sync_to_async(close_sockets)(tenant_id, user_id)
        return await socket.receive_output(timeout=PATIENCE_S)

    assert closing_code(member.tenant_id, member.user_id)["code"] == ROLE_LOST


def test_socket_survives_garbage() -> None:
    member = MembershipFactory.create()

    @async_to_sync
    async def answers_after_garbage() -> bool:
        socket = socket_of(member.user, member.tenant.slug)
        await socket.connect(timeout=PATIENCE_S)
        for text in ("not json", "[]", '{"subscribe": 1}', "{}"):
            await socket.send_to(text_data=text)
        is_quiet: bool = await socket.receive_nothing(timeout=0.5)
        await socket.disconnect(timeout=PATIENCE_S)
        return is_quiet

    assert answers_after_garbage()
