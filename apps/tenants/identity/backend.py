"""ProConnect's answers, verified: signatures, issuer, audience, age, nonce, and one person in both tokens."""

from typing import Any, cast

import jwt
from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest
from django.utils import timezone
from lasuite.oidc_login.backends import OIDCAuthenticationBackend

from apps.tenants.identity.claims import parse_amr, parse_userinfo
from apps.tenants.identity.operations import admit_person
from apps.tenants.identity.refusals import Reason, SignInRefused
from apps.tenants.models import User

CLOCK_SKEW_S = 30


class SignInRequest(HttpRequest):
    """The callback's request, as the backend leaves it to the view once somebody is let in."""

    amr: list[str]
    id_token: str


class ProConnectBackend(OIDCAuthenticationBackend):
    """Bind a person to (idp_id, sub); nothing reaches the session before the person is admitted."""

    request: SignInRequest

    def get_payload_data(self, token: str, key: Any) -> dict[str, Any]:
        """Return the claims of a token signed with the one agreed algorithm for this client; never unsigned."""
        return jwt.decode(
            token,
            key,
            algorithms=[self.OIDC_RP_SIGN_ALGO],
            audience=self.OIDC_RP_CLIENT_ID,
            issuer=settings.OIDC_OP_ISSUER,
            leeway=CLOCK_SKEW_S,
            options={"require": ["iss", "aud", "exp", "sub"]},
        )

    def verify_token(self, token: str, **kwargs: Any) -> dict[str, Any]:
        """Return the verified claims of an ID token or of userinfo; raise SignInRefused."""
        try:
            return cast(dict[str, Any], super().verify_token(token, **kwargs))
        except (jwt.PyJWTError, SuspiciousOperation, KeyError) as error:  # KeyError: a key without its name
            raise SignInRefused(Reason.UNTRUSTED, type(error).__name__) from error

    def store_tokens(self, access_token: str, id_token: str) -> None:
        """Store nothing yet: the view does, after the session is the person's own."""

    def get_or_create_user(self, access_token: str, id_token: str, payload: dict[str, Any]) -> User:
        """Return the admitted person; raise SignInRefused."""
        claims = self.get_userinfo(access_token, id_token, payload)
        if claims["sub"] != payload["sub"]:  # OpenID Connect Core, section 5.3.2
            raise SignInRefused(Reason.UNTRUSTED, "userinfo is about somebody else")
        user = admit_person(parse_userinfo(claims), today=timezone.localdate())
        self.request.amr, self.request.id_token = parse_amr(payload), id_token
        return user

    def get_user(self, user_id: Any) -> User | None:
        """Return the session's person while the account is open."""
        return User.objects.filter(pk=user_id, is_active=True).first()
