"""Reading e-mail addresses as people paste them."""

import pytest

from apps.rooms.addresses import Address, parse_addresses


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("Claire@Example.gouv.fr", [("claire@example.gouv.fr", "")]),
        ("a@x.fr, b@x.fr;c@x.fr\nd@x.fr e@x.fr", [(f"{letter}@x.fr", "") for letter in "abcde"]),
        ("DUPONT Claire <claire@x.fr>; b@x.fr", [("claire@x.fr", "DUPONT Claire"), ("b@x.fr", "")]),
        ('"Dupont, Claire" <claire@x.fr>', [("claire@x.fr", "Dupont, Claire")]),
        ("a@x.fr\nA@X.FR", [("a@x.fr", "")]),
        ("<a@x.fr>", [("a@x.fr", "")]),
    ],
)
def test_parse_addresses_reads_what_mail_programs_copy(text: str, expected: list[tuple[str, str]]) -> None:
    addresses, wrong = parse_addresses(text)
    assert addresses == [Address(*pair) for pair in expected]
    assert wrong == []


@pytest.mark.parametrize(
    ("text", "wrong"),
    [("Claire Dupont", ["Claire", "Dupont"]), ("a@", ["a@"]), ("Claire <claire>", ["claire"]), ("X <>", ["X <>"])],
)
def test_parse_addresses_names_what_is_none(text: str, wrong: list[str]) -> None:
    assert parse_addresses(text) == ([], wrong)


def test_parse_addresses_keeps_within_the_columns() -> None:
    long = f"{'a' * 60}@{'b' * 60}.{'c' * 60}.{'d' * 60}.{'e' * 60}.fr"
    addresses, wrong = parse_addresses(f"{'N' * 300} <a@x.fr>, {long}")
    assert [len(address.name) for address in addresses] == [200]
    assert wrong == [long]
