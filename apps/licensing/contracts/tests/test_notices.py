"""Notice dates: their calendar, decisions, letters and what a missed one costs."""

from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from unittest.mock import Mock

import pytest
from django.core import mail as mails
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from docx import Document
from icalendar import Calendar
from odfdo import Document as OpenDocument

from apps.licensing.contracts import notice_reminders
from apps.licensing.contracts.notice_reminders import send_reminders
from apps.licensing.contracts.notices import State, notice_date, notice_dates
from apps.licensing.models import Amendment, Contract, ContractLine, NoticeDecision, NoticeReminder
from apps.licensing.savings import add_months
from apps.licensing.tests.factories import ContractLineFactory
from apps.tenants.models import JournalEvent, Membership, Role
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.clients import client_of
from apps.tenants.tests.factories import MembershipFactory

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7\n%%EOF\n"


@pytest.fixture
def officer() -> Membership:
    return MembershipFactory.create(roles=[Role.PROCUREMENT])


@pytest.fixture
def client(officer: Membership) -> Client:
    client = client_of(officer)
    client.cookies["django_language"] = "en"
    return client


def contract_line(officer: Membership, *, notice_in: int, **contract: object) -> ContractLine:
    """Add 100 seats at 10 € of which 10 are needed; the notice for the next anniversary is due in so many days."""
    first = officer.tenant.today + timedelta(days=notice_in + 90)
    starts_on = add_months(first, -12)
    fields = {"starts_on": starts_on, "term_months": 120, "notice_days": 90, "preparation_days": 30} | contract
    return ContractLineFactory.create(
        contract__tenant=officer.tenant, **{f"contract__{name}": value for name, value in fields.items()}
    )


def address(line: ContractLine, day: date, rest: str = "") -> str:
    return f"/t/{line.tenant.slug}/contracts/{line.contract_id}/notices/{day.isoformat()}/{rest}"


def next_day(line: ContractLine) -> date:
    """Return the next anniversary of a contract."""
    day: date = add_months(line.contract.starts_on, 12)
    return day


def read(officer: Membership) -> list[tuple[State, bool, Decimal | None]]:
    with tenant_scope(officer.tenant_id):
        contracts = Contract.objects.with_lines().prefetch_related("decisions")
        dates = notice_dates(contracts, officer.tenant.today)
    return [(item.state, item.is_overdue, item.loss_eur) for item in dates]


def test_dates_are_open_overdue_or_missed_with_their_loss(officer: Membership) -> None:
    contract_line(officer, notice_in=100)
    assert read(officer)[0] == (State.TO_DECIDE, False, None)

    contract_line(officer, notice_in=10)
    contract_line(officer, notice_in=-5)

    states = read(officer)
    assert states[0] == (State.MISSED, False, Decimal(90 * 10 * 12))
    assert states[1] == (State.TO_DECIDE, True, None)


def test_decision_is_recorded_with_its_reason_and_journalled(client: Client, officer: Membership) -> None:
    line = contract_line(officer, notice_in=40)

    response = client.post(address(line, next_day(line)), {"choice": "reduce", "reason": "Vague 2 migrée"})

    with tenant_scope(officer.tenant_id):
        decision = NoticeDecision.objects.get()
        event = JournalEvent.objects.get()
    assert response.status_code == 302
    assert (decision.choice, decision.reason) == ("reduce", "Vague 2 migrée")
    assert (event.action, event.data["choice"]) == ("notice.decided", "reduce")
    assert read(officer)[0][0] is State.TO_SEND


def test_decision_needs_a_reason(client: Client, officer: Membership) -> None:
    line = contract_line(officer, notice_in=40)

    response = client.post(address(line, next_day(line)), {"choice": "keep"})

    assert list(response.context["form"].errors) == ["reason"]


@pytest.mark.parametrize(
    ("rule", "sent", "received", "state"),
    [
        ("received", -3, None, State.AWAITED),
        ("received", -3, -1, State.GIVEN),
        ("sent", -3, None, State.GIVEN),
    ],
)
def test_letter_is_followed_by_the_contracts_rule(
    client: Client, officer: Membership, rule: str, sent: int, received: int | None, state: State
) -> None:
    line = contract_line(officer, notice_in=40, notice_rule=rule)
    day, today = next_day(line), officer.tenant.today
    client.post(address(line, day), {"choice": "leave", "reason": "Visio"})
    fields = {"sent_on": (today + timedelta(days=sent)).isoformat(), "tracking_number": "1A"}
    if received is not None:
        fields["received_on"] = (today + timedelta(days=received)).isoformat()
    receipt = SimpleUploadedFile("avis.pdf", PDF, "application/pdf")

    client.post(address(line, day, "letter/"), fields | {"file": receipt})

    assert read(officer)[0][0] is state
    assert b"".join(client.get(address(line, day, "receipt/")).streaming_content) == PDF  # type: ignore[attr-defined]


def test_letter_that_arrives_too_late_is_a_missed_notice(officer: Membership) -> None:
    line = contract_line(officer, notice_in=-5)
    today = officer.tenant.today
    with tenant_scope(officer.tenant_id):
        NoticeDecision.objects.create(
            tenant=officer.tenant,
            contract=line.contract,
            effective_on=next_day(line),
            choice="reduce",
            reason="Trop tard",
            decided_by=officer.user,
            sent_on=today,
            received_on=today,
        )

    assert read(officer)[0][0] is State.MISSED


@pytest.mark.parametrize(("choice", "left"), [("leave", "0"), ("reduce", "10")])
def test_letter_is_drafted_in_french_whatever_the_language(
    client: Client, officer: Membership, choice: str, left: str
) -> None:
    line = contract_line(officer, notice_in=40, framework_number="UGAP-77")
    day = next_day(line)
    client.post(address(line, day), {"choice": choice, "reason": "Visio"})

    pdf = client.get(address(line, day, "letter.pdf"))
    docx = client.get(address(line, day, "letter.docx"))
    odt = client.get(address(line, day, "letter.odt"))

    document = Document(BytesIO(docx.content))
    text = "\n".join(paragraph.text for paragraph in document.paragraphs)
    assert pdf.content.startswith(b"%PDF-")
    assert "UGAP-77" in text
    assert "Madame, Monsieur" in text
    assert [cell.text for cell in document.tables[0].rows[1].cells][1:] == ["100", left]
    opened = OpenDocument(BytesIO(odt.content)).body
    assert "Madame, Monsieur" in [paragraph.text_recursive.strip(" ,") for paragraph in opened.get_paragraphs()]
    assert opened.tables[0].get_row_values(1)[1:] == ["100", left]


def test_letter_of_what_is_kept_does_not_exist(client: Client, officer: Membership) -> None:
    line = contract_line(officer, notice_in=40)
    client.post(address(line, next_day(line)), {"choice": "keep", "reason": "Rien à rendre"})

    assert client.get(address(line, next_day(line), "letter.pdf")).status_code == 404


@pytest.mark.parametrize("day", ["2026-13-01", "garbled", "1999-01-01", "9999-12-31"])
def test_day_that_is_none_of_the_contracts_is_not_found(client: Client, officer: Membership, day: str) -> None:
    line = contract_line(officer, notice_in=40)

    assert client.get(f"/t/{line.tenant.slug}/contracts/{line.contract_id}/notices/{day}/").status_code == 404


def test_contract_of_any_time_takes_any_day_in_its_term(officer: Membership) -> None:
    line = contract_line(officer, notice_in=40, reduction="any_time")
    today = officer.tenant.today
    with tenant_scope(officer.tenant_id):
        contract = Contract.objects.with_lines().get()
        assert notice_date(contract, today + timedelta(days=91), today) is not None
        assert notice_date(contract, line.contract.starts_on - timedelta(days=1), today) is None


def test_notice_calendar_costs_the_same_for_any_number(client: Client, officer: Membership) -> None:
    counts = []
    for more in (1, 9):
        for number in range(more):
            contract_line(officer, notice_in=10 + number)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"/t/{officer.tenant.slug}/notices/").status_code == 200
        counts.append(sum("SAVEPOINT" not in query["sql"] for query in queries))

    assert counts[0] == counts[1]


def test_notice_calendar_without_contracts_says_what_to_do(client: Client, officer: Membership) -> None:
    assert "Add the first contract" in client.get(f"/t/{officer.tenant.slug}/notices/").content.decode()


def test_feed_gives_open_dates_until_it_is_ended(client: Client, officer: Membership) -> None:
    line = contract_line(officer, notice_in=40)
    page = client.post(f"/t/{officer.tenant.slug}/notices/calendar/")
    path = "/t/" + page.context["url"].partition("/t/")[2]

    given = Client().get(path)
    again = Client().get(path, headers={"If-None-Match": given["ETag"]})
    event = Calendar.from_ical(given.content).walk("VEVENT")[0]

    assert event.decoded("DTSTART") == officer.tenant.today + timedelta(days=40)
    assert line.contract.name in str(event["SUMMARY"])
    assert again.status_code == 304
    with tenant_scope(officer.tenant_id):
        feed = officer.notice_feeds.get()
    client.post(f"/t/{officer.tenant.slug}/notices/calendar/{feed.pk}/end/")
    assert Client().get(path).status_code == 404


def test_feed_of_who_is_no_officer_any_more_is_closed(client: Client, officer: Membership) -> None:
    page = client.post(f"/t/{officer.tenant.slug}/notices/calendar/")
    path = "/t/" + page.context["url"].partition("/t/")[2]
    with tenant_scope(officer.tenant_id):
        Membership.objects.filter(pk=officer.pk).update(roles=[])

    assert Client().get(path).status_code == 404


@pytest.mark.parametrize(
    ("left", "distance"), [(181, None), (180, 180), (90, 90), (45, 90), (30, 30), (0, 30), (-1, None)]
)
def test_reminder_is_sent_once_at_each_distance(officer: Membership, left: int, distance: int | None) -> None:
    contract_line(officer, notice_in=left)
    MembershipFactory.create(tenant=officer.tenant, roles=[Role.ADMIN])

    counts = [send_reminders(tenant_id=officer.tenant_id) for _ in range(2)]

    with tenant_scope(officer.tenant_id):
        found = list(NoticeReminder.objects.values_list("days_before", flat=True))
    assert found == ([distance] if distance else [])
    assert counts == [len(found), 0]
    assert [sent.to for sent in mails.outbox] == [[officer.user.email]] * len(found)


def test_reminder_is_written_in_the_officers_language(officer: Membership) -> None:
    contract_line(officer, notice_in=20)
    officer.user.language = "fr"
    officer.user.save()

    send_reminders(tenant_id=officer.tenant_id)

    assert mails.outbox[0].subject.startswith("Préavis à donner sous 20 jours")
    assert f"/t/{officer.tenant.slug}/contracts/" in mails.outbox[0].body


def test_reminder_that_no_server_takes_is_sent_later(officer: Membership, monkeypatch: pytest.MonkeyPatch) -> None:
    contract_line(officer, notice_in=20)
    with monkeypatch.context() as broken:
        broken.setattr(notice_reminders, "send_mail", Mock(side_effect=ConnectionRefusedError))
        send_reminders(tenant_id=officer.tenant_id)

    assert send_reminders(tenant_id=officer.tenant_id) == 1
    assert len(mails.outbox) == 1


def test_reminder_is_not_sent_for_what_is_kept(client: Client, officer: Membership) -> None:
    line = contract_line(officer, notice_in=20)
    client.post(address(line, next_day(line)), {"choice": "keep", "reason": "Rien à rendre"})

    assert send_reminders(tenant_id=officer.tenant_id) == 0


def given(line: ContractLine, officer: Membership, choice: str) -> date:
    """Record a decision whose letter was received in time, and return its date."""
    day, today = next_day(line), officer.tenant.today
    with tenant_scope(officer.tenant_id):
        NoticeDecision.objects.create(
            tenant=officer.tenant,
            contract=line.contract,
            effective_on=day,
            choice=choice,
            reason="Visio",
            decided_by=officer.user,
            sent_on=today - timedelta(days=50),
            received_on=today - timedelta(days=45),
            tracking_number="2C 1",
        )
    return day


def contract_page(client: Client, line: ContractLine) -> str:
    return client.get(f"/t/{line.tenant.slug}/contracts/{line.contract_id}/").content.decode()


def test_missed_notice_is_a_loss_on_each_page_with_how_it_is_made(client: Client, officer: Membership) -> None:
    line = contract_line(officer, notice_in=-5)

    for path in ("", "contracts/", f"contracts/{line.contract_id}/", "notices/"):
        assert "10,800\xa0€" in client.get(f"/t/{line.tenant.slug}/{path}").content.decode()
    assert "12 months × 90 seats" in contract_page(client, line)
    assert "12 months × 90 seats" in client.get(address(line, next_day(line))).content.decode()


def test_notice_given_in_time_is_never_shown_as_missed(client: Client, officer: Membership) -> None:
    line = contract_line(officer, notice_in=-5)
    given(line, officer, "reduce")

    assert "notice was missed" not in contract_page(client, line)


def test_reduction_given_leads_to_an_amendment_that_commits_it(client: Client, officer: Membership) -> None:
    line = contract_line(officer, notice_in=20)
    day = given(line, officer, "reduce")
    with tenant_scope(officer.tenant_id):
        notice = notice_dates(Contract.objects.with_lines().prefetch_related("decisions"), officer.tenant.today)[0]
    assert "no saving is committed yet" in contract_page(client, line)

    path = f"/t/{line.tenant.slug}/contracts/{line.contract_id}/amendments/new/?{notice.missing[0].query}"
    form = client.get(path).context["form"]
    assert (form["seats"].value(), form["effective_on"].value(), form["number"].value()) == ("-90", str(day), "2C 1")
    saved = client.post(path, {name: form[name].value() or "" for name in form.fields if name != "file"})

    assert saved.status_code == 302
    page = contract_page(client, line)
    assert "no saving is committed yet" not in page
    assert "<strong>10,800.00\xa0€</strong> a year before tax committed" in page


def test_reduction_of_one_line_leaves_that_of_the_other_to_be_said(client: Client, officer: Membership) -> None:
    line = contract_line(officer, notice_in=20)
    ContractLineFactory.create(contract=line.contract)
    day = given(line, officer, "reduce")
    with tenant_scope(officer.tenant_id):
        Amendment.objects.create(
            tenant=line.tenant,
            contract=line.contract,
            by=officer.user,
            line=line,
            kind=Amendment.Kind.SEATS,
            seats=-90,
            effective_on=day,
            evidence=Amendment.Evidence.NOTICE,
            evidenced_on=officer.tenant.today,
        )
        notice = notice_dates(Contract.objects.with_lines().prefetch_related("decisions"), officer.tenant.today)[0]

    [missing] = notice.missing
    assert missing.line.id != line.id
    assert "no saving is committed yet" in contract_page(client, line)


def test_contract_left_by_notice_has_no_later_dates(client: Client, officer: Membership) -> None:
    line = contract_line(officer, notice_in=20)
    day = given(line, officer, "leave")

    page = client.get(f"/t/{line.tenant.slug}/notices/").content.decode()

    assert f"/notices/{day}/" in page
    assert f"/notices/{add_months(day, 12)}/" not in page
    assert client.get(address(line, add_months(day, 12))).status_code == 404
    assert "this contract ends on" in contract_page(client, line)


def test_home_shows_what_is_not_yet_decided_and_not_what_is(client: Client, officer: Membership) -> None:
    waiting, done = contract_line(officer, notice_in=20), contract_line(officer, notice_in=10)
    given(done, officer, "reduce")

    page = client.get(f"/t/{officer.tenant.slug}/").content.decode()

    assert address(waiting, next_day(waiting)) in page
    assert address(done, next_day(done)) not in page
