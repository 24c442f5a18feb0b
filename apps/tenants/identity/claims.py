"""What a verified sign-in says about a person, checked field by field."""

import re
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from apps.tenants.identity.refusals import Reason, SignInRefused

IDENTIFIER_SIZE = 255  # characters, as User.sub and User.idp_id hold them
NAME_SIZE = 150


@dataclass(frozen=True, kw_only=True)
class Identity:
    """A person as one identity provider knows them: ``sub`` is unique within ``idp_id`` only."""

    idp_id: str
    sub: str
    email: str  # lower case
    given_name: str
    usual_name: str
    siret: str  # 14 digits, or empty

    @property
    def email_domain(self) -> str:
        return self.email.rpartition("@")[2]


def parse_userinfo(claims: dict[str, Any]) -> Identity:
    """Return the identity that ProConnect's userinfo describes; raise SignInRefused where it is incomplete."""
    siret = _text(claims, "siret")
    return Identity(
        idp_id=_identifier(claims, "idp_id"),
        sub=_identifier(claims, "sub"),
        email=_email(claims),
        given_name=_text(claims, "given_name")[:NAME_SIZE],
        usual_name=_text(claims, "usual_name")[:NAME_SIZE],
        siret=siret if re.fullmatch(r"[0-9]{14}", siret) else "",
    )


def parse_amr(claims: dict[str, Any]) -> list[str]:
    """Return the authentication methods of an ID token; none where the provider does not tell."""
    amr = claims.get("amr")
    return [method for method in amr if isinstance(method, str)] if isinstance(amr, list) else []


def _text(claims: dict[str, Any], name: str) -> str:
    value = claims.get(name)
    return value.strip() if isinstance(value, str) else ""


def _identifier(claims: dict[str, Any], name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= IDENTIFIER_SIZE:
        raise SignInRefused(Reason.INCOMPLETE, f"no usable {name}")
    return value


def _email(claims: dict[str, Any]) -> str:
    email = _text(claims, "email").lower()
    try:
        validate_email(email)
    except ValidationError as error:
        raise SignInRefused(Reason.INCOMPLETE, "no usable e-mail address") from error
    return email
