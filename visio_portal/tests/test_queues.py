"""Which queue work lies in, and that each queue has somebody who does it."""

import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
import redis
from celery import current_app
from django.conf import settings

from apps.licensing.imports.operations import purge_unconfirmed
from apps.licensing.imports.tests.files import Imports
from apps.licensing.models import UsageImport
from apps.licensing.tasks import recompute_unit_days
from apps.tenants.models import Role, Tenant
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.factories import MembershipFactory, TenantFactory
from visio_portal.figure_requests import request_figures
from visio_portal.health import QUEUES
from visio_portal.services.demo import Installation
from visio_portal.settings import BASE_DIR
from visio_portal.tasks import compute_all_figures


class Queues:
    """What lies in the broker, by queue."""

    def __init__(self, client: redis.Redis) -> None:
        self._client = client

    def clear(self) -> None:
        self._client.delete(*QUEUES)

    def tasks(self, queue: str) -> list[str]:
        return [json.loads(raw)["headers"]["task"] for raw in self._client.lrange(queue, 0, -1)]


@pytest.fixture
def queues() -> Iterator[Queues]:
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        found = Queues(client)
        found.clear()
        yield found
        found.clear()


@pytest.mark.django_db(transaction=True)
def test_a_file_that_somebody_sends_does_not_stand_behind_the_work_of_a_night(queues: Queues) -> None:
    imports = Imports(MembershipFactory.create(roles=[Role.PROCUREMENT]))
    sent = imports.begin(b"a,b\n1,2\n")
    assert (queues.tasks("interactive"), queues.tasks("portal")) == (["licensing.run_import"], [])

    queues.clear()
    imports.read(sent)
    with tenant_scope(sent.tenant_id):
        UsageImport.objects.update(created_at="2026-01-01T00:00:00Z")
    purge_unconfirmed(tenant_id=sent.tenant_id)
    assert (queues.tasks("interactive"), queues.tasks("portal")) == ([], ["licensing.run_import"])


@pytest.mark.django_db(transaction=True)
def test_figures_are_computed_at_once_for_who_waits_and_by_the_way_for_the_beat(queues: Queues) -> None:
    waited_for, other = TenantFactory.create_batch(2)

    request_figures(waited_for.id, waited_for.today)
    compute_all_figures()

    assert queues.tasks("interactive") == ["portal.compute_figures"]
    others = Tenant.objects.ministries().exclude(id=waited_for.id).count()
    assert (other.pk is not None, queues.tasks("portal")) == (True, ["portal.compute_figures"] * others)


@pytest.mark.django_db(transaction=True)
def test_the_newest_day_is_counted_at_once_and_the_older_ones_by_the_way(
    queues: Queues, monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant = TenantFactory.create()
    days = [date(2026, 11, 1), date(2026, 11, 2), tenant.today]
    monkeypatch.setattr("apps.licensing.people.rollups.days_since", lambda *_: days)

    recompute_unit_days(tenant_id=str(tenant.id), since="2026-11-01")

    assert queues.tasks("portal") == ["licensing.compute_unit_days"] * 2
    assert queues.tasks("interactive") == ["portal.compute_figures"]


def test_every_routed_task_exists() -> None:
    current_app.loader.import_default_modules()

    assert set(settings.CELERY_TASK_ROUTES) <= set(current_app.tasks)


def test_every_queue_has_a_worker(tmp_path: Path) -> None:
    commands = [list(program.command) for program in Installation(tmp_path, port=1).programs()]
    served = {command[command.index("-Q") + 1] for command in commands if "-Q" in command}
    units = "".join(unit.read_text() for unit in (BASE_DIR / "deploy" / "systemd").iterdir())
    installed = {*re.findall(r"-Q (\w+)", units), *re.findall(r"visio-portal-worker@(\w+)", units)}
    routed = {route["queue"] for route in settings.CELERY_TASK_ROUTES.values()}

    assert served == installed == set(QUEUES)
    assert {*routed, settings.CELERY_TASK_DEFAULT_QUEUE} <= served
