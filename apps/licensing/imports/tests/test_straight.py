"""The straight way takes what is in order, and gives the same as the careful one."""

import io
from typing import Any

import pytest

from apps.licensing.imports import reading, running, straight
from apps.licensing.imports.reading import Encoding, Refused, Source
from apps.licensing.imports.tests.exports import EXPORTS, export
from apps.licensing.imports.tests.files import Imports, table, teams_row, zoom_row
from apps.licensing.imports.tests.headers import TEAMS_HEADER, ZOOM_HEADER
from apps.licensing.models import UsageImport

COMMA = Source(Encoding("utf-8", is_damaged=False), ",", ("a", "b"))


def careful(*_arguments: Any) -> bool:
    raise AssertionError("This file has to go the straight way.")


def found(imports: Imports) -> dict[str, tuple[object, ...]]:
    return {
        name: (
            account.kind, account.name, account.department, account.products, account.is_deleted, account.is_blocked,
            account.meetings, account.last_active_on, account.vendor,
        )
        for name, account in imports.accounts().items()
    }  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("name", EXPORTS)
def test_both_ways_give_the_same(imports: Imports, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(running, "_read_carefully", careful)
        first = imports.take(export(name))
    straightly, counts, day = found(imports), first.counts, (first.refreshed_on, first.period_days)
    imports.undo(first)
    monkeypatch.setattr(running, "_read_straight", lambda *_arguments: False)

    second = imports.take(export(name))

    assert len(straightly) > 1
    assert found(imports) == straightly
    assert second.counts == counts
    assert (second.refreshed_on, second.period_days) == day


@pytest.mark.django_db
def test_an_import_counts_the_rows_that_its_preview_has_written(
    imports: Imports, monkeypatch: pytest.MonkeyPatch
) -> None:
    previewed = imports.send(table(TEAMS_HEADER, [teams_row("a@example.fr")]))
    monkeypatch.setattr(running, "_read_straight", careful)

    assert imports.confirm(previewed).status == UsageImport.Status.COMMITTED
    assert list(imports.accounts()) == ["a@example.fr"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("content", "name"),
    [
        pytest.param(
            table(ZOOM_HEADER, [zoom_row("a@example.fr", Last_Name=" Lefèvre ")]), "Zoé Lefèvre", id="spaces around"
        ),
        pytest.param(
            table(ZOOM_HEADER, [zoom_row("a@example.fr", Last_Name="NICK")]).replace(b"NICK", b'L"ef"evre'),
            'Zoé L"ef"evre',
            id="quotation marks within",
        ),
        pytest.param(
            table(ZOOM_HEADER, [zoom_row("a@example.fr", Last_Name="Le\r\nfèvre")]), "Zoé Le\r\nfèvre", id="two lines"
        ),
        pytest.param(table(ZOOM_HEADER, [zoom_row("a@example.fr")]) + b"\r\n\r\n", "Zoé Lefèvre", id="empty lines"),
    ],
)
def test_what_is_not_in_order_is_read_with_care(imports: Imports, content: bytes, name: str) -> None:
    imports.confirm(imports.dated(content))

    assert imports.accounts()["a@example.fr"].name == name


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b'a,b\n1,"' + b"x,\n" * 1_000_000, id="quotation that never ends"),
        pytest.param(b'a,b\n1,"' + b'""\n' * 1_000_000, id="full of quotation marks"),
        pytest.param(b"a,b\n1," + b"x" * 3_000_000, id="line that never ends"),
        pytest.param(b'a,b\n1,x"y"z\n', id="quotation marks within"),
        pytest.param(b"a,b\n1,2\n\\.\n3,4\n", id="end of data to some clients"),
    ],
)
def test_what_copy_would_hold_or_read_otherwise_is_stopped(content: bytes) -> None:
    guard, file = straight.Guard(b","), io.BytesIO(content)

    with pytest.raises(straight.NotStraight):
        while chunk := file.read(straight.READ_BYTES):
            guard.look_at(chunk)


def test_quoted_rows_of_many_lines_pass() -> None:
    guard = straight.Guard(b",")

    for _ in range(8):
        guard.look_at(b'1,"one ""two""\nthree"\r\n' * 20_000)

    assert guard.lines == 320_000


def test_more_rows_than_the_limit_are_refused_on_their_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "ROWS_MAX", 10)

    with pytest.raises(Refused, match="too_many_rows 10"):
        straight.Guard(b",").look_at(b"a,b\n" + b"1,2\n" * 11)
