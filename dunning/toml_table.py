"""Reading a table of a TOML file: every key is known and given, and every mistake is told with its place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from typing import TypeAlias

    Readers: TypeAlias = Mapping[str, Callable[[object], object]]


def read_table(
    table: object, readers: Readers, place: str, mistakes: list[str], *, optional: Collection[str] = ()
) -> dict[str, Any]:
    """Read each key with its reader; what is wrong, unknown or missing is added to ``mistakes``."""
    if not isinstance(table, dict):
        mistakes.append(f"{place}: {table!r} is not a table")
        return {}
    mistakes.extend(
        f"{place}: {key} is not known here; known are {', '.join(readers)}" for key in table if key not in readers
    )
    values = {}
    for key, read in readers.items():
        if key not in table:
            if key not in optional:
                mistakes.append(f"{place}: {key} is missing")
            continue
        try:
            values[key] = read(table[key])
        except ValueError as problem:
            mistakes.append(f"{place}: {key} = {table[key]!r}: {problem}")
    return values


def whole_number(value: object) -> int:
    """Read a whole number, zero or more; raise ValueError."""
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError("write a whole number, zero or more")
    return value


def yes_or_no(value: object) -> bool:
    """Read true or false; raise ValueError."""
    match value:
        case bool():
            return value
        case _:
            raise ValueError("write true or false")


def word(value: object) -> str:
    """Read a text that says something; raise ValueError."""
    if not isinstance(value, str) or not value.strip():
        raise ValueError("write a name in quotation marks")
    return value


def words(value: object) -> frozenset[str]:
    """Read a list of texts; raise ValueError."""
    if not isinstance(value, list) or not value:
        raise ValueError('write a list of names: ["one", "two"]')
    return frozenset(word(one) for one in value)
