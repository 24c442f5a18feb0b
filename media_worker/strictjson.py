"""Read JSON objects into frozen dataclasses, refusing whatever is not expected.

Only the standard library is used. Every fault raises ContractError with the place of the
fault ("tracks[0].url: expected a text that is not empty").
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any, Self, TypeVar
from urllib.parse import urlsplit
from uuid import UUID

Part = TypeVar("Part")
Choice = TypeVar("Choice", bound=StrEnum)


class ContractError(ValueError):
    """A message that does not follow the contract; the text names the field and the fault."""


class Fields:
    """The fields of one JSON object, each read with its type or refused."""

    def __init__(self, value: object, place: str, names: Iterable[str]) -> None:
        if not isinstance(value, Mapping):
            raise ContractError(f"{place or 'message'}: expected an object")
        self._values = value
        self._place = place
        unknown = sorted(str(key) for key in set(value) - set(names))
        if unknown:
            raise ContractError(f"{self.place(unknown[0])}: unknown field")

    def place(self, name: str) -> str:
        return f"{self._place}.{name}" if self._place else name

    def value(self, name: str) -> object:
        if name not in self._values:
            raise ContractError(f"{self.place(name)}: missing")
        return self._values[name]

    def refuse(self, name: str, expected: str) -> ContractError:
        return ContractError(f"{self.place(name)}: expected {expected}")

    def version(self, supported: int) -> int:
        found = self.integer("version", minimum=1)
        if found != supported:
            raise ContractError(f"{self.place('version')}: {found} is not supported")
        return found

    def text(self, name: str) -> str:
        return self.part(name, read_text)

    def optional_text(self, name: str) -> str | None:
        return None if self.value(name) is None else self.text(name)

    def uuid(self, name: str) -> UUID:
        text = self.text(name)
        try:
            return UUID(text)
        except ValueError as error:
            raise self.refuse(name, "a UUID") from error

    def address(self, name: str) -> str:
        return self.part(name, read_address)

    def optional_address(self, name: str) -> str | None:
        return None if self.value(name) is None else self.address(name)

    def integer(self, name: str, *, minimum: int = 0) -> int:
        value = self.value(name)
        if not isinstance(value, int) or isinstance(value, bool) or value < minimum:
            raise self.refuse(name, f"a whole number of at least {minimum}")
        return value

    def optional_integer(self, name: str, *, minimum: int = 0) -> int | None:
        return None if self.value(name) is None else self.integer(name, minimum=minimum)

    def number(self, name: str, *, maximum: float | None = None) -> float:
        number = self.part(name, read_number)
        if maximum is not None and number > maximum:
            raise self.refuse(name, f"a number of at most {maximum:g}")
        return number

    def optional_number(self, name: str, *, maximum: float | None = None) -> float | None:
        return None if self.value(name) is None else self.number(name, maximum=maximum)

    def flag(self, name: str) -> bool:
        value = self.value(name)
        if not isinstance(value, bool):
            raise self.refuse(name, "true or false")
        return value

    def digest(self, name: str) -> str:
        value = self.text(name)
        if len(value) != 64 or set(value) - set("0123456789abcdef"):
            raise self.refuse(name, "a SHA-256 digest of 64 lower-case hexadecimal digits")
        return value

    def choice(self, name: str, choices: type[Choice]) -> Choice:
        value = self.text(name)
        if value not in [choice.value for choice in choices]:
            raise self.refuse(name, "one of " + ", ".join(choices))
        return choices(value)

    def optional_choice(self, name: str, choices: type[Choice]) -> Choice | None:
        return None if self.value(name) is None else self.choice(name, choices)

    def part(self, name: str, read: Callable[[object, str], Part]) -> Part:
        return read(self.value(name), self.place(name))

    def parts(self, name: str, read: Callable[[object, str], Part]) -> tuple[Part, ...]:
        value = self.value(name)
        if not isinstance(value, list):
            raise self.refuse(name, "a list")
        return tuple(read(item, f"{self.place(name)}[{i}]") for i, item in enumerate(value))

    def by_name(self, name: str, read: Callable[[object, str], Part]) -> dict[str, Part]:
        value = self.value(name)
        if not isinstance(value, Mapping):
            raise self.refuse(name, "an object")
        return {
            read_text(key, self.place(name)): read(item, f"{self.place(name)}.{key}") for key, item in value.items()
        }


@dataclass(frozen=True)
class Message:
    """Base of every message: reads itself from JSON and writes itself to JSON."""

    @classmethod
    def read(cls, values: Fields) -> Self:
        """Build the message from the fields of its object; raise ContractError."""
        raise NotImplementedError

    @classmethod
    def from_json(cls, source: object, place: str = "") -> Self:
        """Read a message from JSON text (str, bytes) or from a decoded object.

        Raise ContractError where the source does not follow the contract.
        """
        if isinstance(source, str | bytes | bytearray):
            try:
                source = json.loads(source)
            except (ValueError, RecursionError) as error:
                raise ContractError(f"{place or 'message'}: not JSON ({error})") from error
        return cls.read(Fields(source, place, [field.name for field in fields(cls)]))

    def to_json(self) -> dict[str, Any]:
        """Return the message as an object that json.dumps accepts."""
        return {field.name: _plain(getattr(self, field.name)) for field in fields(self)}

    def to_bytes(self) -> bytes:
        """Return the message as compact JSON in UTF-8."""
        return json.dumps(self.to_json(), ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def read_text(value: object, place: str) -> str:
    if not isinstance(value, str) or not value:
        raise ContractError(f"{place}: expected a text that is not empty")
    return value


def read_address(value: object, place: str) -> str:
    """Read an absolute HTTP address."""
    address = read_text(value, place)
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise ContractError(f"{place}: expected an absolute http or https address")
    return address


def read_number(value: object, place: str) -> float:
    """Read a finite number that is not negative."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ContractError(f"{place}: expected a number")
    if not math.isfinite(value) or value < 0:
        raise ContractError(f"{place}: expected a finite number of at least 0")
    return float(value)


def _plain(value: object) -> Any:
    match value:
        case Message():
            return value.to_json()
        case StrEnum():
            return value.value
        case UUID():
            return str(value)
        case tuple() | list():
            return [_plain(item) for item in value]
        case Mapping():
            return {str(key): _plain(item) for key, item in value.items()}
    return value
