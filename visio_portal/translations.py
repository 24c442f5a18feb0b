"""Keep the French catalogue complete without the system's gettext tools.

python -m visio_portal.translations extract    # write new source strings to the catalogue
python -m visio_portal.translations check      # exit 1 where a source string has no French
python -m visio_portal.translations compile    # write the .mo file that Django reads
"""

import re
import sys
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract as extract_messages
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = ROOT / "locale" / "fr" / "LC_MESSAGES" / "django.po"
COMPILED = CATALOGUE.with_suffix(".mo")
SOURCE_FOLDERS = ("apps", "visio_portal")
# The sign-in page of the demonstration's identity provider is not one of the portal's pages.
LEFT_OUT = re.compile(r"/(tests|migrations|services|node_modules)/")
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w*\}|%[sd]")
# Lines of the header that change at each writing, or that say nothing here.
EMPTY_HEADER = re.compile(
    rb'^"(Project-Id-Version|Report-Msgid-Bugs-To|POT-Creation-Date|PO-Revision-Date|Last-Translator'
    rb"|Language-Team|Generated-By): .*\n",
    re.MULTILINE,
)


class Source(NamedTuple):
    """A source string: where it stands, its text (or singular and plural) and its context."""

    path: str
    text: str | tuple[str, ...]
    context: str | None


def source_strings() -> Iterator[Source]:
    """Yield every translatable string of the Python files and templates, in a steady order."""
    for folder in SOURCE_FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if not LEFT_OUT.search(path.as_posix()):
                yield from _strings_of(path, path.read_bytes())
    for path in sorted((ROOT / "templates").rglob("*.*")):
        if path.suffix in (".html", ".txt"):
            yield from _strings_of(path, _template_as_python(path).encode())


def _template_as_python(path: Path) -> str:
    """Turn a template into calls of gettext, line by line; what stands around them means nothing to Python."""
    source = templatize(path.read_text(encoding="utf-8"), origin=str(path))
    return "\n".join(line.lstrip() for line in source.split("\n"))


def _strings_of(path: Path, source: bytes) -> Iterator[Source]:
    name = path.relative_to(ROOT).as_posix()
    for _line, text, _comments, context in extract_messages("python", BytesIO(source), KEYWORDS):
        yield Source(name, text, context)


def current_catalogue() -> Catalog:
    """Return the catalogue as it is stored."""
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="fr")


def updated_catalogue() -> Catalog:
    """Return the catalogue with exactly the strings of the sources; translations that exist are kept."""
    template = Catalog()
    for source in source_strings():
        template.add(source.text, locations=[(source.path, 0)], context=source.context)
    catalogue = current_catalogue() if CATALOGUE.exists() else Catalog(locale="fr")
    catalogue.header_comment = "# French catalogue of Visio Portal."
    catalogue.fuzzy = False
    catalogue.update(template, no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    return catalogue


def write_catalogue() -> int:
    """Write the updated catalogue; return how many strings have no French yet."""
    catalogue = updated_catalogue()
    buffer = BytesIO()
    write_po(buffer, catalogue, width=100, include_lineno=False, sort_by_file=True)
    CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
    CATALOGUE.write_bytes(EMPTY_HEADER.sub(b"", buffer.getvalue()))
    return sum(not _is_translated(message) for message in catalogue if message.id)


def compile_catalogue() -> None:
    """Write the .mo file, if the catalogue is newer than it."""
    if COMPILED.exists() and COMPILED.stat().st_mtime >= CATALOGUE.stat().st_mtime:
        return
    partial = COMPILED.with_suffix(".partial")
    with partial.open("wb") as file:
        write_mo(file, current_catalogue())
    partial.replace(COMPILED)


def problems() -> list[str]:
    """Return a line for each source string without French, and for each translation that lost a placeholder."""
    found = []
    for message in updated_catalogue():
        if not message.id:
            continue
        place = message.locations[0][0]
        if not _is_translated(message):
            found.append(f"{place}: no French for {_first(message.id)!r}")
        elif lost := _lost_placeholders(message):
            found.append(f"{place}: {', '.join(sorted(lost))} is missing in {_first(message.string)!r}")
    return found


def _is_translated(message: Message) -> bool:
    strings = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
    return all(strings) and not message.fuzzy


def _lost_placeholders(message: Message) -> set[str]:
    """Return the placeholders of the last form (the plural, if there is one) that the French lacks."""
    wanted = {match[0] for match in PLACEHOLDER.finditer(_last(message.id))}
    return wanted - {match[0] for match in PLACEHOLDER.finditer(_last(message.string))}


def _first(text: str | Sequence[str] | None) -> str:
    return text if isinstance(text, str) else text[0] if text else ""


def _last(text: str | Sequence[str] | None) -> str:
    return text if isinstance(text, str) else text[-1] if text else ""


def main(command: str) -> int:
    """Run one of the commands; return the exit status."""
    if command == "extract":
        print(f"{write_catalogue()} strings without French in {CATALOGUE.relative_to(ROOT)}")  # noqa: T201
    elif command == "compile":
        compile_catalogue()
    elif command == "check":
        found = problems()
        print(*found, sep="\n", end="\n" if found else "")  # noqa: T201 -- a command's output
        return 1 if found else 0
    else:
        print(__doc__, file=sys.stderr)  # noqa: T201
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) == 2 else ""))
