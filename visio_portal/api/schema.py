"""How the OpenAPI description is made."""

from typing import Any, Literal

from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema

from visio_portal.api.access import scope_of
from visio_portal.api.errors import ErrorSerializer


class PortalSchema(AutoSchema):
    """Describe the errors that every operation may answer with, and the scope that it demands."""

    def get_description(self) -> str:  # type: ignore[override]  # as drf-spectacular has it
        scope = scope_of(self.view, self.method)
        text: str = super().get_description()
        return f"{text}\n\nScope: `{scope}`" if scope else text

    def _get_response_bodies(self, direction: Literal["request", "response"] = "response") -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        statuses = ["401", "403", "429"]
        if "{" in self.path:
            statuses.append("404")
        if self.method in ("POST", "PATCH"):
            statuses += ["400", "409", "413", "415", "422"]  # 422: the rules in force forbid it
        else:
            statuses += ["404"] if self._is_list_view() else []  # a cursor that is no cursor
        for status in statuses:
            error = self._get_response_for_code(ErrorSerializer, status)  # type: ignore[no-untyped-call]
            bodies.setdefault(status, error)
        return dict(sorted(bodies.items()))


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "visio_portal.api.access.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": str(_("A token made in the portal: vp_…"))}
