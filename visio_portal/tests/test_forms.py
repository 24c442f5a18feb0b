"""What every form of the portal has in common."""

import re

import pytest
from django import forms
from django.conf import settings
from django.test import RequestFactory
from django.utils import translation

from apps.tenants.models import Tenant
from visio_portal.forms import PortalForm, Problems, form_page, posted

TEMPLATE = "api/docs.html"  # any: what is asserted is the context


class Trip(PortalForm):
    """Nobody's form."""

    days = forms.MultipleChoiceField(choices=[("1", "Monday")], widget=forms.CheckboxSelectMultiple)
    place = forms.ChoiceField(choices=[("", "---------"), ("lille", "Lille")])
    tenant = forms.ModelChoiceField(queryset=Tenant.objects.none(), required=False)
    seen_at = forms.DateTimeField(widget=forms.HiddenInput)


@pytest.fixture(autouse=True)
def english() -> None:
    translation.activate("en")


def page_of(
    monkeypatch: pytest.MonkeyPatch, *page_forms: PortalForm, status: int = 200
) -> tuple[int, dict[str, object]]:
    """Return the status and the context of a page with these forms."""
    shown: list[tuple[int, dict[str, object]]] = []
    monkeypatch.setattr(
        "visio_portal.forms.render", lambda _request, _template, context, status: shown.append((status, context))
    )
    form_page(RequestFactory().get("/"), TEMPLATE, *page_forms, status=status)
    return shown[0]


def test_fresh_form_has_no_problems(monkeypatch: pytest.MonkeyPatch) -> None:
    status, context = page_of(monkeypatch, Trip())

    assert status == 200
    assert "problems" not in context


def test_faulty_forms_are_summed_up_in_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = Trip({}), Trip({"days": ["1"], "place": "lille", "seen_at": "now"}, prefix="second")
    first.add_error(None, "Too late.")

    status, context = page_of(monkeypatch, first, second)

    assert status == 422
    assert context["form"] is first
    problems = context["problems"]
    assert isinstance(problems, Problems)
    assert problems.whole[:2] == ["Too late.", "This field is required."]  # the second is the hidden field's
    assert [(field.label, field.anchor) for field in problems.fields[:2]] == [
        ("Days", "id_days_0"),
        ("Place", "id_place"),
    ]


def test_status_that_says_more_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    assert page_of(monkeypatch, Trip({}), status=409)[0] == 409


def test_first_faulty_field_has_the_focus(monkeypatch: pytest.MonkeyPatch) -> None:
    form = Trip({"days": ["1"], "seen_at": "2026-01-01"})

    page_of(monkeypatch, form)

    assert "autofocus" in str(form["place"])


def test_no_field_takes_the_focus_from_what_is_said_of_the_whole_form(monkeypatch: pytest.MonkeyPatch) -> None:
    form = Trip({"days": ["1"], "seen_at": "2026-01-01"})
    form.add_error(None, "Too late.")

    page_of(monkeypatch, form)

    assert "autofocus" not in str(form)


def test_an_empty_choice_says_what_to_do() -> None:
    page = str(Trip())

    assert page.count("Select an option") == 2
    assert "-----" not in page


def test_form_that_was_sent_empty_is_bound() -> None:
    assert Trip(posted(RequestFactory().post("/"))).is_bound
    assert not Trip(posted(RequestFactory().get("/"))).is_bound


def test_every_form_that_the_portal_checks_sums_up_its_errors() -> None:
    folder = settings.BASE_DIR / "templates"
    checked = re.compile(r'<form(?=[^>]*method="post")[^>]*novalidate')
    lacking = [
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*.html")
        if checked.search(text := path.read_text(encoding="utf-8")) and "includes/form_errors.html" not in text
    ]

    assert lacking == []
