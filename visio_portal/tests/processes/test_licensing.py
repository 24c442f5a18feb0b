"""A procurement officer's day: her exports of Teams and Zoom, what they show, a contract, a scenario, a report."""

import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from apps.licensing.imports.tests.files import table, teams_row, zoom_row
from apps.licensing.imports.tests.headers import TEAMS_HEADER, ZOOM_HEADER
from visio_portal.tests.browser.inspection import WIDTHS, axe_violations, complaints, overflow_px
from visio_portal.tests.processes.people import sign_in

OFFICER = "Denis Rolland"
DAY = date.today() - timedelta(days=2)
EMAILS = [f"agent{number:02}@donnees-publiques.example" for number in range(1, 41)]
DORMANT, ALSO_ON_ZOOM = EMAILS[:12], EMAILS[20:35]
SEATS = 60
WORKER_BUSY_MS = 120_000  # a new installation counts everybody's figures first


@pytest.fixture
def exports(tmp_path: Path) -> tuple[Path, Path]:
    """Her two files: forty licensed people on Teams, twelve of them silent; fifteen of the others on Zoom too."""
    teams, zoom = tmp_path / "Office365-TeamsUserActivity.csv", tmp_path / "zoomus_users.csv"
    day = DAY.isoformat()
    seen = {"Report_Refresh_Date": day, "Report_Period": "90"}
    silent = {"meetings": "0", "calls": "0", "Last_Activity_Date": ""}
    active = {"Last_Activity_Date": day}
    rows = [teams_row(email, **seen, **(silent if email in DORMANT else active)) for email in EMAILS]
    teams.write_bytes(table(TEAMS_HEADER, rows))
    login = f"{DAY:%m/%d/%Y} 09:15:00 AM"
    people = [zoom_row(email, login=login) for email in ALSO_ON_ZOOM]
    zoom.write_bytes(table(ZOOM_HEADER, [*people, zoom_row("gratuit@donnees-publiques.example", "Basic", login=login)]))
    return teams, zoom


def test_a_procurement_officers_day(page: Page, exports: tuple[Path, Path]) -> None:
    with complaints(page) as found:
        sign_in(page, OFFICER)
        home = page.url
        for path, paid in zip(exports, (40, 15), strict=True):
            bring_in(page, home, path, paid)
        reconcile(page, home)
        enter_suite(page, home)
        compare_scenarios(page, home)
        take_report(page, home)
    assert found == []


def bring_in(page: Page, home: str, path: Path, paid: int) -> None:
    """Bring in an export: what was read is looked at before it counts."""
    page.goto(f"{home}usage/")
    looks_right(page)
    page.locator("[data-drop-zone] input[type=file]").set_input_files(path)
    page.get_by_role("button", name="Lire le fichier").click()
    state = page.locator("#import-state")
    confirm = page.get_by_role("button", name="Importer le fichier")
    confirm.or_(page.locator("[name=day]")).first.wait_for(timeout=WORKER_BUSY_MS)
    if page.locator("[name=day]").is_visible():  # Zoom's list of users does not tell its day
        page.locator("[name=day]").fill(DAY.isoformat())
        looks_right(page)
        page.get_by_role("button", name="Continuer").click()
    confirm.wait_for()
    expect(state).to_contain_text(str(paid))
    looks_right(page)
    confirm.click()
    expect(state).to_contain_text("Annuler cet import")
    looks_right(page)


def reconcile(page: Page, home: str) -> None:
    """Find who is silent and who is equipped twice, and mark a seat as asked back."""
    page.goto(f"{home}reconciliation/")
    main = page.get_by_role("main")
    expect(main).to_contain_text(f"{len(ALSO_ON_ZOOM)} personnes sont doublement équipées")
    looks_right(page)
    page.locator("a[href*='/reconciliation/dormant/']").first.click()
    expect(main).to_contain_text(DORMANT[0])
    looks_right(page)


def enter_suite(page: Page, home: str) -> None:
    """Enter a contract of a suite whose meetings can be bought without."""
    page.goto(f"{home}contracts/new/")
    start = date.today().replace(day=1) - timedelta(days=400)
    for name, value in {
        "name": "Suite de l’agence",
        "supplier_name": "Revendeur de l’agence",
        "supplier_siret": "13002526500013",
        "starts_on": start.replace(day=1).isoformat(),
        "term_months": "24",
        "notice_days": "90",
        "line-seats": str(SEATS),
        "line-needed_seats": "10",
        "line-unit_price": "20",
        "line-price_without_meetings": "17,50",
    }.items():
        page.locator(f"[name={name}]").fill(value)
    page.locator("[name=framework]").select_option(index=1)
    page.locator("[name=renewal]").select_option("tacit")
    page.locator("[name=reduction]").select_option("anniversary")
    page.locator("[name=line-product]").select_option(label="Microsoft 365 E3 (avec Teams)")
    looks_right(page)
    page.get_by_role("button", name="Enregistrer le contrat").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Suite de l’agence")
    expect(page.get_by_role("main")).to_contain_text(re.compile(r"1\s500,00\s€"))  # (60 - 10) seats · (20 - 17.50) · 12
    looks_right(page)


def compare_scenarios(page: Page, home: str) -> None:
    """Compare two speeds of migration with the keyboard, and read the first one's savings as a table."""
    page.goto(f"{home}savings/scenarios/")
    looks_right(page)
    pace = page.locator("[name=c1-pace]")
    pace.fill("5")
    results = page.locator("#scenario-results")
    expect(results.get_by_role("table").first).to_be_attached()
    faster = page.get_by_role("slider", name="Agents migrés par mois, scénario 2")
    before = faster.input_value()
    faster.press("ArrowRight")
    expect(faster).not_to_have_value(before)
    expect(page).to_have_url(re.compile(r"c1-pace=5\b"))  # what is shown can be sent
    looks_right(page)


def take_report(page: Page, home: str) -> None:
    """Read a chart's numbers as a table with the keyboard, and take the report for the minister's office."""
    page.goto(f"{home}dashboard/")
    opener = page.get_by_role("button", name=re.compile("Tableau des chiffres")).first
    opener.press("Enter")
    table = page.get_by_role("table").first
    expect(table).to_be_visible()
    expect(table).to_have_accessible_name(re.compile(r"\w"))
    looks_right(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Rapport pour le cabinet").click()
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF-")


def looks_right(page: Page) -> None:
    """Look at a page as a desk and as a phone show it."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        assert axe_violations(page) == []
        assert overflow_px(page) == 0
