"""Every source string has its French, and the tool that says so is right."""

from pathlib import Path

import pytest

from visio_portal import translations


def test_every_string_has_its_french() -> None:
    assert translations.problems() == []


def test_compiled_catalogue_is_readable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compiled = tmp_path / "django.mo"
    monkeypatch.setattr(translations, "COMPILED", compiled)

    translations.compile_catalogue()

    assert compiled.read_bytes()[:4] == b"\xde\x12\x04\x95"  # magic number of GNU gettext


def test_template_strings_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(translations, "ROOT", tmp_path)
    template = tmp_path / "templates" / "page.html"
    template.parent.mkdir()
    template.write_text(
        """{% load i18n %}
          <p title="{% translate "Plain" %}">{{ name|default:_("Nobody") }}</p>
          {% blocktranslate trimmed count number=rows %}
            {{ number }} row
          {% plural %}
            {{ number }} rows
          {% endblocktranslate %}
          {% translate "May" context "month" %}
        """,
        encoding="utf-8",
    )

    found = {(source.text, source.context) for source in translations.source_strings()}

    assert found == {
        ("Plain", None),
        ("Nobody", None),
        (("%(number)s row", "%(number)s rows"), None),
        ("May", "month"),
    }


def test_a_lost_placeholder_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    catalogue = tmp_path / "locale" / "fr.po"
    module = tmp_path / "apps" / "page.py"
    module.parent.mkdir()
    catalogue.parent.mkdir()
    module.write_text('_("by %(name)s")\n_("untranslated")\n', encoding="utf-8")
    catalogue.write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8"\n\nmsgid "by %(name)s"\nmsgstr "par"\n'
    )
    monkeypatch.setattr(translations, "ROOT", tmp_path)
    monkeypatch.setattr(translations, "CATALOGUE", catalogue)

    assert translations.problems() == [
        "apps/page.py: %(name)s is missing in 'par'",
        "apps/page.py: no French for 'untranslated'",
    ]
