"""Attendees from a CSV file: what spreadsheets write is understood, what is wrong is said line by line."""

import pytest

from apps.rooms.meetings.people_file import PeopleFile, UnreadableFile, read_people


def people(data: PeopleFile) -> list[tuple[str, str]]:
    return [(address.email, address.name) for address in data.addresses]


def test_table_with_titles_and_semicolons_as_a_french_spreadsheet_writes_it() -> None:
    data = "Nom;Prénom;Courriel\r\nLefèvre;Zoé;Zoe.Lefevre@example.fr\r\nOrtiz;Ana;ana@example.fr\r\n".encode("cp1252")
    found = read_people(data)
    assert people(found) == [("zoe.lefevre@example.fr", "Zoé Lefèvre"), ("ana@example.fr", "Ana Ortiz")]
    assert (found.delimiter, found.has_header) == (";", True)


def test_bare_addresses_one_a_line() -> None:
    found = read_people(b"\xef\xbb\xbfa@x.fr\nb@x.fr\n\n")
    assert people(found) == [("a@x.fr", ""), ("b@x.fr", "")]
    assert not found.has_header


def test_columns_without_titles_are_told_apart_by_what_stands_in_them() -> None:
    assert people(read_people(b"Ana Ortiz,ana@x.fr\nPaul Roi,paul@x.fr\n")) == [
        ("ana@x.fr", "Ana Ortiz"),
        ("paul@x.fr", "Paul Roi"),
    ]


def test_quoted_cells_keep_their_delimiter() -> None:
    assert people(read_people(b'email\tname\na@x.fr\t"Ortiz; Ana"\n')) == [("a@x.fr", "Ortiz; Ana")]


def test_what_is_wrong_is_said_with_its_line() -> None:
    found = read_people(b"mail,nom\na@x.fr,A\nnobody,B\n,C\nA@X.fr,D\n")
    assert people(found) == [("a@x.fr", "A")]
    assert [row.line for row in found.problems] == [3, 4, 5]


@pytest.mark.parametrize(
    "data",
    [b"", b"\n\n ;;\n", b"PK\x03\x04\x00\x00", b"a@x.fr\n" * 6000, b"x" * (1024 * 1024 + 1)],
    ids=["empty", "blank", "spreadsheet", "lines", "size"],
)
def test_file_that_is_no_table_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableFile):
        read_people(data)


def test_line_breaks_in_a_cell_do_not_reach_a_name() -> None:
    ((email, name),) = people(read_people(b'mail,nom\na@x.fr,"Ana\r\nBcc: all@x.fr"\n'))
    assert (email, name) == ("a@x.fr", "Ana Bcc: all@x.fr")
