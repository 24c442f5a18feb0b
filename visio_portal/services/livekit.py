"""LiveKit's webhooks as the demonstration's Visio sends them: a JSON body, and a token that holds its digest.

https://docs.livekit.io/home/server/webhooks/
"""

import base64
import hashlib
import json
import time
import uuid
from typing import Any

import httpx
import jwt

TOKEN_LIFE_S = 300
TIMEOUT_S = 5.0
CONTENT_TYPE = "application/webhook+json"


def signed(body: bytes, *, key: str, secret: str) -> str:
    """Return the Authorization header of a body."""
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
    claims = {"iss": key, "nbf": int(time.time()) - 5, "exp": int(time.time()) + TOKEN_LIFE_S, "sha256": digest}
    return jwt.encode(claims, secret, algorithm="HS256")


def room_event(name: str, *, room: str, session: str, participant: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return an event of now: what happened, in which room and run of it, and to whom."""
    event: dict[str, Any] = {
        "event": name,
        "room": {"sid": session, "name": room},
        "id": f"EV_{uuid.uuid4().hex[:16]}",
        "createdAt": str(int(time.time())),
    }
    return event | ({"participant": participant} if participant else {})


def send(event: dict[str, Any], *, to: str, key: str, secret: str) -> int:
    """Post an event and return the answer's status."""
    body = json.dumps(event).encode()
    headers = {"Authorization": signed(body, key=key, secret=secret), "Content-Type": CONTENT_TYPE}
    with httpx.Client(timeout=TIMEOUT_S, trust_env=False) as client:
        return client.post(to, content=body, headers=headers).status_code
