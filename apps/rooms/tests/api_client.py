"""A program of an intranet that calls the REST API with a member's token."""

from typing import Any

from django.test import Client

from apps.tenants.models import Membership
from apps.tenants.tests.factories import api_token


class Api:
    """Calls as the owner of a token that may read and schedule meetings."""

    def __init__(self, owner: Membership) -> None:
        _token, secret = api_token(owner, "meetings:read", "meetings:write")
        self.headers = {"Authorization": f"Bearer {secret}"}
        self.client = Client()

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(f"/api/v1/{path}", query, headers=self.headers)

    def post(self, path: str, **body: Any) -> Any:
        return self._send("post", path, body)

    def patch(self, path: str, **body: Any) -> Any:
        return self._send("patch", path, body)

    def _send(self, method: str, path: str, body: Any) -> Any:
        return getattr(self.client, method)(
            f"/api/v1/{path}", body, content_type="application/json", headers=self.headers
        )
