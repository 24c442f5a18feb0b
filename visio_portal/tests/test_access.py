"""Who reaches which address: every URL of the portal stands in one table, with an answer for each kind of person.

The objects asked for belong to ``organizer``. ``outsider`` is a member of another ministry, ``colleague`` one of
the same ministry who has no part in them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from http.cookies import SimpleCookie
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse
from pytest_django.plugin import DjangoDbBlocker

from apps.licensing.editions.freezing import freeze_month
from apps.licensing.models import Alias, UsageImport
from apps.licensing.savings import add_months
from apps.tenants.models import Membership, Role, Tenant
from apps.tenants.scoping import operator_scope, tenant_scope
from apps.tenants.tests.clients import client_of
from apps.tenants.tests.factories import MembershipFactory, TenantFactory, api_token
from visio_portal.tests.population import populate

VISITORS = ("anonymous", "outsider", "colleague", "organizer", "procurement", "auditor", "admin", "operator")

EVERYBODY = "200 200 200 200 200 200 200 200"
REDIRECTED = "302 302 302 302 302 302 302 302"
NOBODY = "403 403 403 403 403 403 403 403"
NO_TOKEN = "401 401 401 401 401 401 401 401"

TABLE = """
home                             GET  REDIRECTED
sitemap                          GET  EVERYBODY
accessibility                    GET  EVERYBODY
legal_notice                     GET  EVERYBODY
personal_data                    GET  EVERYBODY
set_language                     POST REDIRECTED
identity:sign_in                 GET  200 302 302 302 302 302 302 302
identity:start                   GET  REDIRECTED
identity:callback                GET  NOBODY
identity:sign_out                POST REDIRECTED
identity:signed_out              GET  200 302 302 302 302 302 302 302
files:object                     GET  NOBODY
worker:claim                     POST NO_TOKEN
worker:progress                  POST NO_TOKEN
worker:complete                  POST NO_TOKEN
worker:fail                      POST NO_TOKEN
service:job_create               POST NO_TOKEN
service:job_detail               GET  NO_TOKEN
service:transcript               GET  NOBODY
api:schema                       GET  EVERYBODY
api:docs                         GET  EVERYBODY
api:transcript-speaker           GET  NO_TOKEN
api:meeting-list                 GET  NO_TOKEN
api:meeting-answers              GET  NO_TOKEN
api:meeting-cancel               POST NO_TOKEN
api:meeting-restore              POST NO_TOKEN
api:occurrence-list              GET  NO_TOKEN
api:occurrence-detail            GET  NO_TOKEN
api:occurrence-cancel            POST NO_TOKEN
api:occurrence-restore           POST NO_TOKEN
api:occurrence-cancel-following  POST NO_TOKEN
api:occurrence-attendance        GET  NO_TOKEN
api:occurrence-attendance-sheet  GET  NO_TOKEN
api:meeting-conference           GET  NO_TOKEN
api:conference-retry             POST NO_TOKEN
api:room-rules                   GET  NO_TOKEN
api:room-request-list            GET  NO_TOKEN
api:room-request-confirm         POST NO_TOKEN
api:room-request-refuse          POST NO_TOKEN
api:rules                        GET  NO_TOKEN
api:free-busy                    GET  NO_TOKEN
api:poll-list                    GET  NO_TOKEN
api:poll-detail                  GET  NO_TOKEN
api:poll-answers                 POST NO_TOKEN
api:poll-choose                  POST NO_TOKEN
api:poll-cancel                  POST NO_TOKEN
api:poll-remind                  POST NO_TOKEN
api:delegation-list              GET  NO_TOKEN
api:delegation-detail            GET  NO_TOKEN
api:delegation-end               POST NO_TOKEN
api:group-list                   GET  NO_TOKEN
api:group-detail                 GET  NO_TOKEN
api:template-list                GET  NO_TOKEN
api:template-detail              GET  NO_TOKEN
api:template-schedule            POST NO_TOKEN
api:feed-list                    GET  NO_TOKEN
api:feed-revoke                  POST NO_TOKEN
api:pending-answer-list          GET  NO_TOKEN
api:pending-answer-detail        GET  NO_TOKEN
api:pending-answer-confirm       POST NO_TOKEN
api:pending-answer-dismiss       POST NO_TOKEN
api:room-list                    GET  NO_TOKEN
api:room-availability            GET  NO_TOKEN
api:room-detail                  GET  NO_TOKEN
api:meeting-detail               GET  NO_TOKEN
api:transcript-list              GET  NO_TOKEN
api:transcript-detail            GET  NO_TOKEN
api:reconciliation               GET  NO_TOKEN
api:contract-list                GET  NO_TOKEN
api:contract-detail              GET  NO_TOKEN
api:contract-lines               POST NO_TOKEN
api:contract-line                PATCH NO_TOKEN
api:contract-amendments          POST NO_TOKEN
api:contract-amendment           DELETE NO_TOKEN
api:notices                      GET  NO_TOKEN
api:notice                       GET  NO_TOKEN
api:product-list                 GET  NO_TOKEN
api:savings                      GET  NO_TOKEN
api:net                          GET  NO_TOKEN
api:scenarios                    GET  NO_TOKEN
api:dashboard                    GET  NO_TOKEN
api:editions                     GET  NO_TOKEN
api:edition                      GET  NO_TOKEN
api:usage-import-list            GET  NO_TOKEN
api:usage-import-detail          GET  NO_TOKEN
api:usage-import-answer          POST NO_TOKEN
api:usage-import-commit          POST NO_TOKEN
api:usage-import-undo            POST NO_TOKEN
api:usage-import-problems        GET  NO_TOKEN
api:usage-upload-new             POST NO_TOKEN
api:usage-upload                 GET  NO_TOKEN
api:usage-upload-part            PUT  NO_TOKEN
api:usage-upload-complete        POST NO_TOKEN
api:unknown                      GET  404 404 404 404 404 404 404 404
health:live                      GET  EVERYBODY
health:ready                     GET  EVERYBODY
health:workers                   GET  503 503 503 503 503 503 503 503
operator_home                    GET  302 404 404 404 404 404 404 200
operator:route_create            GET  302 404 404 404 404 404 404 200
state:dashboard                  GET  302 404 404 404 404 404 404 200
state:dashboard_table            GET  302 404 404 404 404 404 404 200
state:ministry                   GET  302 404 404 404 404 404 404 200
state:ministry_table             GET  302 404 404 404 404 404 404 200
catalogue:sku_list               GET  302 404 404 404 404 404 404 200
catalogue:product_list           GET  302 404 404 404 404 404 404 200
catalogue:product_create         GET  302 404 404 404 404 404 404 200
catalogue:product_detail         GET  302 404 404 404 404 404 404 200
catalogue:price_create           GET  302 404 404 404 404 404 404 200
catalogue:run_cost_list          GET  302 404 404 404 404 404 404 200
catalogue:run_cost_create        GET  302 404 404 404 404 404 404 200
catalogue:rate_list              GET  302 404 404 404 404 404 404 200
catalogue:rate_create            GET  302 404 404 404 404 404 404 200
tenant_home                      GET  302 404 200 200 200 200 200 404
home_transcribing                GET  302 404 200 200 200 200 200 404
tenants:journal                  GET  302 404 403 403 403 200 200 404
tenants:member_list              GET  302 404 403 403 403 403 200 404
tenants:member_roles             GET  302 404 403 403 403 403 200 404
tenants:unit_list                GET  302 404 403 403 403 403 200 404
tenants:token_list               GET  302 404 200 200 200 200 200 404
tenants:token_create             GET  302 404 200 200 200 200 200 404
tenants:token_revoke             GET  302 404 404 404 404 404 200 404
tenants:token_revoke             POST 302 404 404 404 404 404 302 404
uploads:create                   POST 302 404 400 400 400 400 400 404
uploads:state                    GET  302 404 404 200 404 404 404 404
uploads:part                     PUT  302 404 404 422 404 404 404 404
uploads:complete                 POST 302 404 404 409 404 404 404 404
rooms:meeting_list               GET  302 404 200 200 200 200 200 404
rooms:meeting_create             GET  302 404 200 200 200 200 200 404
rooms:meeting_now                POST 302 404 302 302 302 302 302 404
rooms:meeting_detail             GET  302 404 404 200 404 404 404 404
rooms:meeting_edit               GET  302 404 404 200 404 404 404 404
rooms:meeting_cancel             POST 302 404 404 302 404 404 404 404
rooms:meeting_restore            POST 302 404 404 409 404 404 404 404
rooms:meeting_dates              GET  302 404 404 200 404 404 404 404
rooms:occurrence_detail          GET  302 404 404 200 404 404 404 404
rooms:occurrence_edit            GET  302 404 404 200 404 404 404 404
rooms:occurrence_cancel          POST 302 404 404 302 404 404 404 404
rooms:occurrence_restore         POST 302 404 404 409 404 404 404 404
rooms:conference_state           GET  302 404 404 200 404 404 404 404
rooms:conference_retry           POST 302 404 404 302 404 404 404 404
rooms:attendance                 GET  302 404 404 200 404 404 404 404
rooms:attendance_sheet           GET  302 404 404 200 404 404 404 404
rooms:join                       GET  EVERYBODY
rooms:visio_connection           GET  302 404 403 403 403 403 200 404
rooms:visio_check                POST 302 404 403 403 403 403 302 404
rooms:visio_webhook              POST NO_TOKEN
rooms:answer                     GET  404 404 404 404 404 404 404 404
rooms:answers                    GET  302 404 404 200 404 404 404 404
rooms:pending_settle             POST 302 404 404 302 404 404 404 404
rooms:mail_list                  GET  302 404 404 200 404 404 404 404
rooms:mail_correct               GET  302 404 404 200 404 404 404 404
rooms:mailbox                    GET  302 404 403 403 403 403 200 404
rooms:mailbox_check              POST 302 404 403 403 403 403 302 404
rooms:feed_list                  GET  302 404 200 200 200 200 200 404
rooms:feed_revoke                POST 302 404 404 302 404 404 404 404
rooms:feed                       GET  404 404 404 404 404 404 404 404
rooms:import_create              GET  302 404 200 200 200 200 200 404
rooms:import_detail              GET  302 404 404 200 404 404 404 404
rooms:original_cancelled         POST 302 404 404 302 404 404 404 404
rooms:saved_list                 GET  302 404 200 200 200 200 200 404
rooms:group_create               GET  302 404 200 200 200 200 200 404
rooms:group_edit                 GET  302 404 404 200 404 404 404 404
rooms:group_delete               POST 302 404 404 302 404 404 404 404
rooms:template_create            GET  302 404 404 200 404 404 404 404
rooms:template_delete            POST 302 404 404 302 404 404 404 404
rooms:calendar                   GET  302 404 200 200 200 200 200 404
rooms:planning                   GET  302 404 200 200 200 200 200 404
rooms:free_times                 GET  302 404 200 200 200 200 200 404
rooms:external_calendar          GET  302 404 200 200 200 200 200 404
rooms:external_calendar_forget   POST 302 404 302 302 302 302 302 404
rooms:delegation_list            GET  302 404 200 200 200 200 200 404
rooms:delegation_create          GET  302 404 200 200 200 200 200 404
rooms:delegation_end             GET  302 404 200 200 404 404 404 404
rooms:poll_list                  GET  302 404 200 200 200 200 200 404
rooms:poll_create                GET  302 404 200 200 200 200 200 404
rooms:poll_detail                GET  302 404 404 200 404 404 404 404
rooms:poll_choose                GET  302 404 404 200 404 404 404 404
rooms:poll_cancel                GET  302 404 404 200 404 404 404 404
rooms:poll_remind                POST 302 404 404 409 404 404 404 404
rooms:poll_answer                GET  404 404 404 404 404 404 404 404
rooms:room_list                  GET  302 404 200 200 200 200 200 404
rooms:room_create                GET  302 404 403 403 403 403 200 404
rooms:room_detail                GET  302 404 200 200 200 200 200 404
rooms:room_edit                  GET  302 404 200 403 403 403 200 404
rooms:room_close                 POST 302 404 302 403 403 403 302 404
rooms:room_reopen                POST 302 404 409 403 403 403 409 404
rooms:request_list               GET  302 404 200 200 200 200 200 404
rooms:request_confirm            POST 302 404 409 403 403 403 409 404
rooms:request_refuse             GET  302 404 200 403 403 403 200 404
rooms:policy                     GET  302 404 403 403 403 403 200 404
rooms:policy_rule                GET  302 404 403 403 403 403 200 404
rooms:unit_policy                GET  302 404 403 403 403 403 200 404
rooms:unit_policy_rule           GET  302 404 403 403 403 403 200 404
state_policy:policy              GET  302 404 404 404 404 404 404 200
state_policy:policy_rule         GET  302 404 404 404 404 404 404 200
transcripts:recording_create     GET  302 404 404 200 404 404 404 404
transcripts:recording_detail     GET  302 404 404 200 404 404 404 404
transcripts:recording_progress   GET  302 404 404 200 404 404 404 404
transcripts:recording_sound      GET  302 404 404 200 404 404 404 404
transcripts:transcription_cancel POST 302 404 404 409 404 404 404 404
transcripts:transcription_retry  POST 302 404 404 409 404 404 404 404
transcripts:transcript_list      GET  302 404 200 200 200 200 200 404
transcripts:transcript_detail    GET  302 404 404 200 404 404 404 404
transcripts:transcript_lines     GET  302 404 404 200 404 404 404 404
transcripts:transcript_names     GET  302 404 404 200 404 404 404 404
transcripts:speaker_rename       POST 302 404 404 302 404 404 404 404
transcripts:service_detail       GET  302 404 403 403 403 403 200 404
transcripts:service_edit         GET  302 404 403 403 403 403 200 404
transcripts:service_key          POST 302 404 403 403 403 403 200 404
transcripts:transcript_export    GET  302 404 404 200 404 404 404 404
licensing:usage_list             GET  302 404 403 403 200 403 403 404
licensing:usage_create           POST 302 404 403 403 422 403 403 404
licensing:usage_detail           GET  302 404 403 403 200 403 403 404
licensing:usage_columns          GET  302 404 403 403 404 403 403 404
licensing:usage_answer           POST 302 404 403 403 302 403 403 404
licensing:usage_confirm          POST 302 404 403 403 409 403 403 404
licensing:usage_undo             GET  302 404 403 403 200 403 403 404
licensing:usage_undo             POST 302 404 403 403 302 403 403 404
licensing:usage_remove           POST 302 404 403 403 409 403 403 404
licensing:usage_problems         GET  302 404 403 403 200 403 403 404
licensing:dashboard              GET  302 404 403 403 200 403 403 404
licensing:dashboard_table        GET  302 404 403 403 200 403 403 404
licensing:dashboard_report       GET  302 404 403 403 200 403 403 404
licensing:savings                GET  302 404 403 403 200 403 403 404
licensing:savings_table          GET  302 404 403 403 404 403 403 404
licensing:savings_net            GET  302 404 403 403 200 403 403 404
licensing:savings_net_table      GET  302 404 403 403 200 403 403 404
licensing:one_off_cost_list      GET  302 404 403 403 200 403 403 404
licensing:one_off_cost_create    GET  302 404 403 403 200 403 403 404
licensing:one_off_cost_update    GET  302 404 403 403 200 403 403 404
licensing:one_off_cost_remove    GET  302 404 403 403 200 403 403 404
licensing:one_off_cost_remove    POST 302 404 403 403 302 403 403 404
licensing:scenario_list          GET  302 404 403 403 200 403 403 404
licensing:scenario_table         GET  302 404 403 403 404 403 403 404
licensing:scenario_create        GET  302 404 403 403 200 403 403 404
licensing:scenario_update        GET  302 404 403 403 200 403 403 404
licensing:scenario_duplicate     POST 302 404 403 403 302 403 403 404
licensing:scenario_remove        GET  302 404 403 403 200 403 403 404
licensing:scenario_remove        POST 302 404 403 403 302 403 403 404
licensing:planned_need           GET  302 404 403 403 200 403 403 404
licensing:planned_need_table     GET  302 404 403 403 404 403 403 404
licensing:savings_month          GET  302 404 403 403 200 403 403 404
licensing:savings_line_month     GET  302 404 403 403 200 403 403 404
licensing:month_list             GET  302 404 403 403 200 403 403 404
licensing:month_detail           GET  302 404 403 403 200 403 403 404
licensing:edition_list           GET  302 404 403 403 200 403 403 404
licensing:edition_detail         GET  302 404 403 403 200 403 403 404
licensing:edition_file           GET  302 404 403 403 200 403 403 404
editions:edition_list            GET  302 404 404 404 404 404 404 200
editions:edition_create          GET  302 404 404 404 404 404 404 302
editions:edition_create          POST 302 404 404 404 404 404 404 409
editions:edition_detail          GET  302 404 404 404 404 404 404 200
editions:edition_file            GET  302 404 404 404 404 404 404 200
licensing:programme              GET  302 404 403 403 200 403 200 404
licensing:headcount_set          GET  302 404 403 403 200 403 200 404
licensing:target_create          GET  302 404 403 403 200 403 200 404
licensing:target_remove          POST 302 404 403 403 302 403 302 404
licensing:exemption_create       GET  302 404 403 403 200 403 200 404
licensing:exemption_prolong      GET  302 404 403 403 200 403 200 404
licensing:exemption_end          POST 302 404 403 403 302 403 302 404
licensing:wave_create            GET  302 404 403 403 200 403 200 404
licensing:wave_detail            GET  302 404 403 403 200 403 200 404
licensing:wave_update            GET  302 404 403 403 200 403 200 404
licensing:wave_remove            GET  302 404 403 403 200 403 200 404
licensing:wave_remove            POST 302 404 403 403 302 403 302 404
licensing:wave_place             GET  302 404 403 403 200 403 200 404
licensing:place_remove           POST 302 404 403 403 302 403 302 404
licensing:item_create            GET  302 404 403 403 200 403 200 404
licensing:item_tick              POST 302 404 403 403 302 403 302 404
licensing:milestone_create       GET  302 404 403 403 200 403 200 404
licensing:milestone_reach        POST 302 404 403 403 302 403 302 404
licensing:account_list           GET  302 404 403 403 200 403 403 404
licensing:alias_list             GET  302 404 403 403 200 403 403 404
licensing:alias_confirm          POST 302 404 403 403 302 403 403 404
licensing:alias_undo             POST 302 404 403 403 302 403 403 404
licensing:department_list        GET  302 404 403 403 200 403 403 404
licensing:reconciliation         GET  302 404 403 403 200 403 403 404
licensing:reclaim_list           GET  302 404 403 403 200 403 403 404
licensing:reclaim_mark           POST 302 404 403 403 400 403 403 404
licensing:reclaim_file           GET  302 404 403 403 200 403 403 404
licensing:contract_list          GET  302 404 403 403 200 403 403 404
licensing:contract_create        GET  302 404 403 403 200 403 403 404
licensing:contract_detail        GET  302 404 403 403 200 403 403 404
licensing:contract_update        GET  302 404 403 403 200 403 403 404
licensing:line_create            GET  302 404 403 403 200 403 403 404
licensing:line_update            GET  302 404 403 403 200 403 403 404
licensing:line_remove            GET  302 404 403 403 200 403 403 404
licensing:line_remove            POST 302 404 403 403 302 403 403 404
licensing:contract_import        GET  302 404 403 403 200 403 403 404
licensing:contract_workbook      GET  302 404 403 403 200 403 403 404
licensing:contract_template      GET  302 404 403 403 200 403 403 404
licensing:notice_list            GET  302 404 403 403 200 403 403 404
licensing:notice_detail          GET  302 404 403 403 200 403 403 404
licensing:notice_follow          GET  302 404 403 403 404 403 403 404
licensing:notice_receipt         GET  302 404 403 403 404 403 403 404
licensing:notice_letter          GET  302 404 403 403 404 403 403 404
licensing:notice_feed_list       GET  302 404 403 403 200 403 403 404
licensing:notice_feed_revoke     POST 302 404 403 403 302 403 403 404
licensing:notice_feed            GET  404 404 404 404 404 404 404 404
licensing:document_create        GET  302 404 403 403 200 403 403 404
licensing:document               GET  302 404 403 403 200 403 403 404
licensing:amendment_create       GET  302 404 403 403 200 403 403 404
licensing:amendment_remove       GET  302 404 403 403 200 403 403 404
licensing:amendment_proof        GET  302 404 403 403 404 403 403 404
"""
ROWS = [tuple(line.split(maxsplit=2)) for line in TABLE.strip().splitlines()]


def named_patterns(patterns: list[Any], namespace: str = "") -> Iterator[str]:
    """Yield the full name of every URL."""
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            yield f"{namespace}{pattern.name}"
        elif isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from named_patterns(pattern.url_patterns, inner)


def test_every_address_stands_in_the_table() -> None:
    assert set(named_patterns(get_resolver().url_patterns)) == {name for name, _method, _answers in ROWS}


@contextmanager
def rolled_back() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def place(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[dict[str, Any]]:
    """A populated ministry: its visitors and the arguments of its addresses."""
    with django_db_blocker.unblock(), rolled_back():
        ministry, other = populate("premier"), populate("second")
        operator_tenant = TenantFactory.create(kind=Tenant.Kind.OPERATOR, slug="operateur")
        token, _secret = api_token(ministry.admin)
        with tenant_scope(ministry.tenant.id):
            usage_import = UsageImport.objects.get(tenant=ministry.tenant)
            alias = Alias.objects.get(tenant=ministry.tenant)
            speaker, line = ministry.transcript.speakers.all()[0], ministry.contract.lines.get()
            notice_feed = ministry.procurement.notice_feeds.get()
            document, amendment = ministry.contract.documents.get(), ministry.contract.amendments.get()
            pending = ministry.meeting.pending_answers.get()
            feed, attendee = ministry.organizer.calendar_feeds.get(), ministry.meeting.attendees.all()[0]
            occurrence = ministry.meeting.occurrences.get()
            poll, delegation = ministry.meeting.polls.get(), ministry.tenant.delegations.get()
            original = ministry.meeting.originals.get()
            group, template = ministry.tenant.attendeegroups.get(), ministry.tenant.meetingtemplates.get()
            programme = programme_ids(ministry.tenant)
        members = {
            "outsider": other.organizer,
            "operator": MembershipFactory.create(tenant=operator_tenant, roles=[Role.OPERATOR]),
            **{name: getattr(ministry, name) for name in VISITORS if hasattr(ministry, name)},
        }
        with operator_scope(operator_tenant.id):
            freeze_month(membership=members["operator"], month=add_months(ministry.tenant.today.replace(day=1), -1))
        yield {
            "cookies": {name: {"sessionid": session_of(member)} for name, member in members.items()},
            "arguments": {
                "tenant_slug": ministry.tenant.slug,
                "meeting_id": ministry.meeting.id,
                "room_id": ministry.meeting.room_id,
                "unit_id": ministry.unit.id,
                "rule": "max_minutes",
                "occurrence_id": occurrence.id,
                "slot_id": occurrence.id,
                "poll_id": poll.id,
                "import_id": original.imported_by_id,
                "original_id": original.id,
                "group_id": group.id,
                "template_id": template.id,
                "delegation_id": delegation.id,
                "code": ministry.meeting.join_code,
                "pending_id": pending.id,
                "attendee_id": attendee.id,
                "feed_id": feed.id,
                "sheet_format": "csv",
                "recording_id": ministry.recording.id,
                "transcript_id": ministry.transcript.id,
                "speaker_id": speaker.id,
                "contract_id": ministry.contract.id,
                "line_id": line.id,
                "usage_import_id": usage_import.id,
                "document_id": document.id,
                "amendment_id": amendment.id,
                "alias_id": alias.id,
                "reason": "dormant",
                "notice_feed_id": notice_feed.id,
                "day": ministry.contract.terms.first_term_ends_on.isoformat(),
                "letter_format": "pdf",
                "product_id": line.product_id,
                "upload_id": ministry.upload.id,
                "membership_id": ministry.colleague.id,
                "token_id": token.id,
                "job_id": ministry.job.id,
                "number": 1,
                "edition_format": "xlsx",
                "month": f"{add_months(ministry.tenant.today.replace(day=1), -1):%Y-%m}",
                "export_format": "vtt",
                **programme,
                "ministry": ministry.tenant.slug,
                "table": "notices",
                "table_format": "csv",
                "file_format": "csv",
                "token": "garbled",
            },
        }


def programme_ids(tenant: Tenant) -> dict[str, UUID]:
    """Return what the addresses of the migration's programme are about."""
    wave = tenant.waves.get()
    return {
        "wave_id": wave.id,
        "place_id": wave.units.get().id,
        "item_id": wave.checklist.get().id,
        "milestone_id": wave.milestones.get().id,
        "target_id": tenant.targets.get().id,
        "cost_id": tenant.oneoffcosts.get().id,
        "scenario_id": tenant.scenarios.get().id,
        "exemption_id": tenant.exemptions.get().id,
    }


def session_of(member: Membership) -> str:
    return client_of(member).cookies["sessionid"].value


def address(name: str, arguments: dict[str, Any]) -> str:
    """Return a URL with those of the arguments that it takes."""
    known = get_resolver()
    for part in name.split(":")[:-1]:
        _prefix, known = known.namespace_dict[part]
    for possibility in known.reverse_dict.getlist(name.rpartition(":")[2]) or get_resolver().reverse_dict.getlist(name):
        wanted = {key for _text, keys in possibility[0] for key in keys}
        for chosen in (wanted, wanted | {"tenant_slug"}):
            try:
                return reverse(name, kwargs={key: arguments[key] for key in chosen})
            except NoReverseMatch:
                continue
    raise LookupError(name)


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "method", "answers"), ROWS, ids=[f"{name}-{method}" for name, method, _ in ROWS])
def test_address_answers_each_visitor(
    client: Client, place: dict[str, Any], name: str, method: str, answers: str
) -> None:
    url = address(name, place["arguments"])
    given = {}
    for visitor in VISITORS:
        with rolled_back():
            client.cookies = SimpleCookie(place["cookies"].get(visitor, {}))
            response = client.generic(method, url)
            given[visitor] = str(response.status_code)
            if response.streaming:
                response.getvalue()  # read to its end, it closes its file

    assert given == dict(zip(VISITORS, globals().get(answers, answers).split(), strict=True))
