"""The one WebSocket of a tenant's pages: it authenticates, joins groups and forwards hints."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer

from apps.tenants.models import Membership, Tenant
from apps.tenants.scoping import tenant_scope
from visio_portal.realtime import group_name, member_group_name

MayFollow = Callable[[Membership, UUID], bool]

NOT_ALLOWED, ROLE_LOST = 4403, 4401  # close codes
TOPICS_PER_SOCKET = 50


class TenantConsumer(AsyncJsonWebsocketConsumer):
    """Serves ``/ws/t/<slug>/``. ``topics`` maps a topic's kind to who may follow it.

    In: ``{"subscribe": "job:<uuid>"}``. Out: ``{"topic": "job:<uuid>", "event": {…}}``.
    """

    def __init__(self, *args: Any, topics: Mapping[str, MayFollow], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.topics = topics
        self.membership: Membership | None = None
        self.followed: set[str] = set()

    async def connect(self) -> None:
        user = self.scope.get("user")
        if user is not None and user.is_authenticated:
            slug = self.scope["url_route"]["kwargs"]["tenant_slug"]
            self.membership = await self._find_membership(user.pk, slug)
        if self.membership is None:
            await self.close(NOT_ALLOWED)
            return
        own = member_group_name(self.membership.tenant_id, self.membership.user_id)
        await self.channel_layer.group_add(own, self.channel_name)
        self.followed.add(own)
        await self.accept()

    async def disconnect(self, code: int) -> None:
        for group in self.followed:
            await self.channel_layer.group_discard(group, self.channel_name)

    async def receive_json(self, content: Any, **kwargs: Any) -> None:
        topic = content.get("subscribe") if isinstance(content, dict) else None
        if self.membership is None or not isinstance(topic, str) or len(self.followed) > TOPICS_PER_SOCKET:
            return
        if await self._may_follow(topic):
            group = group_name(self.membership.tenant_id, topic)
            await self.channel_layer.group_add(group, self.channel_name)
            self.followed.add(group)
            await self.send_json({"topic": topic, "event": {"type": "subscribed"}})

    async def hint(self, message: dict[str, Any]) -> None:
        await self.send_json({"topic": message["topic"], "event": message["event"]})

    async def close_now(self, message: dict[str, Any]) -> None:
        await self.close(ROLE_LOST)

    @classmethod
    async def decode_json(cls, text_data: str) -> Any:
        try:
            return await super().decode_json(text_data)
        except ValueError:
            return None

    @database_sync_to_async
    def _find_membership(self, user_id: UUID, slug: str) -> Membership | None:
        tenant = Tenant.objects.filter(slug=slug).first()
        if tenant is None:
            return None
        with tenant_scope(tenant.id, user_id=user_id):
            return Membership.objects.active().filter(tenant=tenant, user_id=user_id).first()

    @database_sync_to_async
    def _may_follow(self, topic: str) -> bool:
        kind, _, value = topic.partition(":")
        may_follow = self.topics.get(kind)
        try:
            object_id = UUID(value)
        except ValueError:
            return False
        if may_follow is None or self.membership is None:
            return False
        with tenant_scope(self.membership.tenant_id, user_id=self.membership.user_id):
            return may_follow(self.membership, object_id)
