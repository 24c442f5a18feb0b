"""Contracts, members, tokens and the operator's pages: filled, empty and with errors; a contract by keyboard alone."""

import re
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from apps.licensing.tests.factories import ContractFactory, ContractLineFactory, ListPriceFactory, ProductFactory
from apps.tenants.models import Membership, QuarantinedSignIn, Role, Tenant
from apps.tenants.tests.factories import MembershipFactory, TenantFactory, UnitFactory, UserFactory, api_token
from visio_portal.tests.browser.conftest import sign_in
from visio_portal.tests.browser.inspection import WIDTHS, assert_sound, axe_violations, complaints, overflow_px
from visio_portal.tests.browser.windows import PENDING, open_page

pytestmark = pytest.mark.django_db(transaction=True)

SIRET = "73282932000074"


@pytest.fixture
def browser_context_args() -> dict[str, Any]:
    return {"locale": "en-GB", "viewport": {"width": 1280, "height": 800}, "reduced_motion": "reduce"}


@pytest.fixture
def member(context: BrowserContext, live_server: LiveServer) -> Membership:
    member = MembershipFactory.create(roles=[Role.PROCUREMENT, Role.ADMIN])
    sign_in(context, live_server, member)
    return member


@pytest.fixture
def operator(context: BrowserContext, live_server: LiveServer) -> Membership:
    tenant = TenantFactory.create(kind=Tenant.Kind.OPERATOR)
    operator = MembershipFactory.create(tenant=tenant, roles=[Role.OPERATOR])
    sign_in(context, live_server, operator)
    return operator


@pytest.fixture(autouse=True)
def silent_socket(page: Page) -> None:
    page.route_web_socket("**/ws/**", lambda socket: None)


def send_empty(page: Page, address: str) -> None:
    """Send a form as it opens, and check the page that comes back at both widths."""
    open_page(page, address)
    with complaints(page) as found:
        page.get_by_role("main").locator("form button[type=submit]").first.click()
        expect(page.get_by_role("main").get_by_role("alert")).to_be_visible()
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            found += axe_violations(page)
            assert overflow_px(page) == 0, f"{address} at {width} px"
    assert found == []


def tab_to(page: Page, name: str) -> None:
    """Press Tab until the field of this name has the focus."""
    expect(page.locator(PENDING)).to_have_count(0)
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name || document.activeElement.innerText") == name:
            return
    raise AssertionError(f"{name} is not reached by Tab")


def test_pages_of_contracts_are_sound(page: Page, member: Membership) -> None:
    contracts = f"/t/{member.tenant.slug}/contracts/"
    assert_sound(page, contracts)
    ListPriceFactory.create(product=(suite := ProductFactory.create(kind="bundle")))
    contract = ContractFactory.create(tenant=member.tenant)
    line = ContractLineFactory.create(contract=contract, product=suite)

    for address in ("", f"{contract.pk}/", f"{contract.pk}/edit/", f"{contract.pk}/lines/{line.pk}/remove/"):
        assert_sound(page, contracts + address)
    for address in ("new/", f"{contract.pk}/lines/new/"):
        send_empty(page, contracts + address)


def test_pages_of_administration_are_sound(page: Page, member: Membership) -> None:
    colleague = MembershipFactory.create(tenant=member.tenant, unit=UnitFactory.create(tenant=member.tenant))
    token, _secret = api_token(member, "meetings:read")

    for address in ("members/", f"members/{colleague.pk}/roles/", f"members/{member.pk}/roles/", "units/", "tokens/"):
        assert_sound(page, f"/t/{member.tenant.slug}/{address}")
    assert_sound(page, f"/t/{member.tenant.slug}/tokens/{token.pk}/revoke/")
    send_empty(page, f"/t/{member.tenant.slug}/tokens/new/")


def test_pages_of_the_operator_are_sound(page: Page, operator: Membership) -> None:
    QuarantinedSignIn.objects.create(user=UserFactory.create(), siret=SIRET)
    product = ListPriceFactory.create().product

    for address in ("", "products/", f"products/{product.pk}/"):
        assert_sound(page, f"/operator/{address}")
    for address in ("routes/new/", "products/new/", f"products/{product.pk}/prices/new/"):
        send_empty(page, f"/operator/{address}")


def test_menu_of_a_session_without_a_second_factor_is_sound(
    page: Page, context: BrowserContext, live_server: LiveServer
) -> None:
    admin = MembershipFactory.create(roles=[Role.ADMIN])
    sign_in(context, live_server, admin, second_factor=False)

    assert_sound(page, f"/t/{admin.tenant.slug}/tokens/")
    assert_sound(page, f"/t/{admin.tenant.slug}/members/")
    expect(page.get_by_role("main").get_by_role("link", name="Sign in again with a second factor")).to_be_visible()


def test_contract_is_entered_corrected_and_read_by_keyboard_alone(page: Page, member: Membership) -> None:
    ProductFactory.create(publisher="Zoom", name="Zoom Workplace Pro")
    open_page(page, f"/t/{member.tenant.slug}/contracts/new/")

    tab_to(page, "name")
    page.keyboard.type("Zoom")
    page.keyboard.press("Enter")
    expect(page).to_have_title(re.compile("Error:"))
    expect(page.locator("[name=supplier_name]")).to_be_focused()
    page.keyboard.type("Revendeur")
    for name, keys in {
        "supplier_siret": "732 829 320 00074",
        "framework": ["ArrowDown"],
        "starts_on": "01012026",
        "term_months": "36",
        "renewal": ["ArrowDown"],
        "reduction": ["ArrowDown", "ArrowDown"],
        "notice_days": "90",
        "line-product": ["ArrowDown"],
        "line-seats": "1 000",
        "line-needed_seats": "100",
        "line-unit_price": "10.50",
    }.items():
        tab_to(page, name)
        for key in keys:
            page.keyboard.press("Space" if key == " " else key)
    page.keyboard.press("Enter")

    expect(page.get_by_text("The contract is saved.")).to_be_visible()
    expect(page.get_by_role("heading", name="Potential per year")).to_contain_text("113,400.00")  # 900 × 10.50 × 12
