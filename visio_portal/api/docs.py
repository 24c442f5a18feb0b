"""The API's schema, and its page: made from the schema alone, without a script."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer

METHODS = ("get", "post", "patch", "put", "delete")
CODE = re.compile(r"`+([^`]+)`+")
TAGS: dict[str, str | Promise] = {
    "meetings": _("Meetings"),
    "occurrences": _("Dates"),
    "rooms": _("Rooms"),
    "room-requests": _("Requests for rooms"),
    "polls": _("Date polls"),
    "delegations": _("Delegations"),
    "groups": _("Saved groups"),
    "templates": _("Templates"),
    "rules": _("Rules"),
    "free-busy": _("Free and busy times"),
    "feeds": _("Calendar feeds"),
    "pending-answers": _("Answers to confirm"),
    "transcripts": _("Transcripts"),
    "contracts": _("Contracts"),
    "notices": _("Notice dates"),
    "products": _("Catalogue"),
    "usage-imports": _("Imports"),
    "reconciliation": _("Reconciliation"),
    "savings": _("Savings"),
    "figures": _("Figures"),
    "editions": _("Editions"),
}


@dataclass(frozen=True)
class Value:
    """A parameter or a field: ``kind`` in words, ``object`` the component that it holds."""

    name: str
    kind: str
    object: str
    is_required: bool
    description: str
    place: str = ""


@dataclass(frozen=True)
class Operation:
    method: str
    path: str
    anchor: str
    description: list[str]
    scope: str
    parameters: list[Value]
    body: str
    answers: list[tuple[str, str]]  # status, component


@dataclass(frozen=True)
class Component:
    name: str
    description: str
    fields: list[Value]


@login_not_required
@require_safe
def schema(request: HttpRequest) -> HttpResponse:
    """Serve the OpenAPI 3 description as JSON."""
    body = OpenApiJsonRenderer().render(schema_in(translation.get_language() or "en"))
    return HttpResponse(body, content_type="application/vnd.oai.openapi+json")


@login_not_required
@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    described = schema_in(translation.get_language() or "en")
    context = {
        "groups": operations_by_tag(described),
        "components": [component(name, body) for name, body in described["components"]["schemas"].items()],
    }
    return render(request, "api/docs.html", context)


@lru_cache(maxsize=4)
def schema_in(language: str) -> dict[str, Any]:
    """Return the schema, described in a language; it does not change while the process runs."""
    with translation.override(language):
        described: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return described


def operations_by_tag(described: dict[str, Any]) -> dict[str, list[Operation]]:
    """Return the operations, those of one resource together; raises ValueError for one without a name."""
    groups: dict[str, list[Operation]] = {}
    for path, methods in described["paths"].items():
        for method in METHODS:
            if method in methods:
                found = methods[method]
                groups.setdefault(found["tags"][0], []).append(operation(path, method, found))
    return {str(TAGS[tag]): groups[tag] for tag in sorted(groups, key=list(TAGS).index)}


def operation(path: str, method: str, found: dict[str, Any]) -> Operation:
    text, _, scope = found.get("description", "").partition("Scope: ")
    body = found.get("requestBody", {}).get("content", {}).get("application/json", {})
    return Operation(
        method=method.upper(),
        path=path,
        anchor=found["operationId"],
        description=[unmarked(line) for line in text.strip().split("\n\n") if line],
        scope=scope.strip("`"),
        parameters=[parameter(item) for item in found.get("parameters", [])],
        body=component_of(body.get("schema", {})),
        answers=[(status, component_of(schema_of(answer))) for status, answer in found["responses"].items()],
    )


def parameter(item: dict[str, Any]) -> Value:
    found = item["schema"]
    return Value(item["name"], kind_of(found), "", item.get("required", False), item.get("description", ""), item["in"])


def component(name: str, body: dict[str, Any]) -> Component:
    required = body.get("required", [])
    fields = [
        Value(key, kind_of(found), component_of(found), key in required, found.get("description", ""))
        for key, found in body.get("properties", {}).items()
    ]
    return Component(name, unmarked(body.get("description", "")) if fields else values_of(body), fields)


def unmarked(text: str) -> str:
    """Write names between quotes, where the sources mark them as code."""
    return CODE.sub(r"“\1”", text)


def schema_of(answer: dict[str, Any]) -> dict[str, Any]:
    content: dict[str, Any] = answer.get("content", {}).get("application/json", {})
    found: dict[str, Any] = content.get("schema", {})
    return found


def component_of(found: dict[str, Any]) -> str:
    """Return the name of the component that a schema refers to, itself or its items."""
    for place in (found, found.get("items", {}), *found.get("allOf", []), *found.get("oneOf", [])):
        if "$ref" in place:
            return str(place["$ref"]).rsplit("/", 1)[-1]
    return ""


def kind_of(found: dict[str, Any]) -> str:
    """Return a type in words, with the bounds that it has."""
    kind = found.get("type", "")
    words = [str(part) for part in (kind if isinstance(kind, list) else [kind]) if part]
    words += [str(found["format"])] if "format" in found else []
    words += [f"≤ {found[bound]}" for bound in ("maxLength", "maximum", "maxItems") if bound in found]
    words += [f"≥ {found[bound]}" for bound in ("minimum",) if bound in found]
    if "enum" in found:
        words.append(values_of(found))
    return ", ".join(words)


def values_of(found: dict[str, Any]) -> str:
    return " | ".join(str(value) for value in found.get("enum", []))
