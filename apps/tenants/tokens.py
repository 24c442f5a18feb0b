"""API tokens: made once, shown once, kept as a digest."""

import hashlib
import secrets
from datetime import datetime

from django.http import HttpRequest

from apps.tenants.models import ApiToken, Membership

PREFIX = "vp_"


def digest_of(secret: str) -> str:
    """Return the hexadecimal SHA-256 under which a secret is kept."""
    return hashlib.sha256(secret.encode()).hexdigest()


def create_token(membership: Membership, *, name: str, scopes: list[str], expires_at: datetime) -> tuple[ApiToken, str]:
    """Create a token that acts as the member; return it with its secret, which is never shown again."""
    secret = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        tenant_id=membership.tenant_id,
        user_id=membership.user_id,
        name=name,
        scopes=scopes,
        digest=digest_of(secret),
        expires_at=expires_at,
    )
    return token, secret


def token_of(request: HttpRequest) -> ApiToken | None:
    """Return the usable token of an Authorization header, or None."""
    kind, _, secret = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not secret.startswith(PREFIX):
        return None
    token = ApiToken.objects.select_related("tenant").filter(digest=digest_of(secret)).first()
    return token if token is not None and token.is_usable() else None
