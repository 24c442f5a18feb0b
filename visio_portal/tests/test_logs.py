"""What is logged of a request, and what is not."""

import json
import logging
from typing import Any

import pytest
import structlog
from django.test import Client

from apps.tenants.models import Membership, Role
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.clients import client_of
from apps.tenants.tests.factories import MembershipFactory
from visio_portal.logs import level_named, logging_settings


@pytest.fixture
def formatter() -> logging.Formatter:
    options = dict(logging_settings(as_json=True)["formatters"]["event"])
    made: logging.Formatter = options.pop("()")(**options)
    return made


def lines(caplog: pytest.LogCaptureFixture, formatter: logging.Formatter) -> list[dict[str, Any]]:
    return [json.loads(formatter.format(record)) for record in caplog.records]


@pytest.fixture
def member(db: None) -> Membership:
    return MembershipFactory.create(roles=[Role.ADMIN])


def test_request_is_one_line_with_its_id_and_tenant(
    member: Membership, caplog: pytest.LogCaptureFixture, formatter: logging.Formatter
) -> None:
    with caplog.at_level("DEBUG"):
        response = client_of(member).get(
            f"/t/{member.tenant.slug}/members/?q=Camille",
            REMOTE_ADDR="203.0.113.9",
            headers={"User-Agent": "Camille/1"},
        )

    started, line = (line for line in lines(caplog, formatter) if line["logger"].startswith("django_structlog"))
    assert "Camille" not in json.dumps(started)
    assert line["event"] == "request_finished"
    assert line["request"] == f"GET /t/{member.tenant.slug}/members/"
    assert line["tenant_id"] == str(member.tenant_id)
    assert line["request_id"] == response["X-Request-ID"]
    assert line["code"] == 200
    for personal in ("Camille", "203.0.113.9", member.user.email, str(member.user_id)):
        assert personal not in json.dumps(line)


def test_failure_is_logged_without_addresses_links_and_values(
    caplog: pytest.LogCaptureFixture, formatter: logging.Formatter
) -> None:
    reason = "duplicate key\nDETAIL:  Key (email)=(agent@example.gouv.fr) already exists."
    with caplog.at_level("INFO"):
        try:
            raise ValueError(reason)
        except ValueError:
            logging.getLogger("portal").exception("mail to %s, see /files/abc:def", "agent@example.gouv.fr")

    (line,) = lines(caplog, formatter)
    assert line["event"] == "mail to <address>, see /files/<signed>"
    assert "ValueError: duplicate key" in line["exception"]
    assert "already exists" not in line["exception"]


def test_lines_inside_a_tenant_name_it(
    member: Membership, caplog: pytest.LogCaptureFixture, formatter: logging.Formatter
) -> None:
    with caplog.at_level("INFO"), tenant_scope(member.tenant_id):
        structlog.get_logger("portal").info("imported", rows=3)

    (line,) = lines(caplog, formatter)
    assert (line["tenant_id"], line["rows"], line["level"]) == (str(member.tenant_id), 3, "info")


@pytest.mark.django_db
def test_refused_request_is_logged_once(caplog: pytest.LogCaptureFixture, client: Client) -> None:
    with caplog.at_level("INFO"):
        client.get("/health/nothing")

    assert len(caplog.records) == 1


def test_log_level_must_exist() -> None:
    assert level_named("debug") == "DEBUG"
    with pytest.raises(ValueError, match="LOG_LEVEL"):
        level_named("loud")
