"""The keys under which the demonstration's ministries and its Visio know each other."""

import hashlib
import hmac
import uuid
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Keys:
    """A ministry's application in Visio, and what signs LiveKit's webhooks to it."""

    client_id: str
    client_secret: str
    livekit_key: str
    livekit_secret: str


def keys_of(slug: str, secret: str) -> Keys:
    """Return a ministry's keys, which follow from the installation's secret."""
    return Keys(
        client_id=str(uuid.uuid5(uuid.NAMESPACE_URL, f"visio-portal:{slug}")),
        client_secret=_derived(secret, f"client:{slug}"),
        livekit_key=f"API{hashlib.sha256(slug.encode()).hexdigest()[:12]}",
        livekit_secret=_derived(secret, f"livekit:{slug}"),
    )


def _derived(secret: str, purpose: str) -> str:
    return hmac.new(secret.encode(), purpose.encode(), hashlib.sha256).hexdigest()
