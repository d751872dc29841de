"""The house is tidy: what the linters cannot see of the rules everybody who builds here agreed to."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

import reconciliation.rules
from reconciliation.rules import RULES
from storage.tables import METADATA

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Table

PROJECT: Final = Path(__file__).parents[2]
ROOMS: Final = (
    *("ledger", "reconciliation", "dunning", "insight"),
    *("connectors", "export", "storage", "config", "night", "review", "cli", "demo"),
)
IN_THE_ROOMS: Final = sorted(path for room in ROOMS for path in (PROJECT / room).rglob("*.py"))
OURS: Final = [
    PROJECT / "run_sync.py",
    *IN_THE_ROOMS,
    *sorted(path for folder in ("tests", "benchmarks") for path in (PROJECT / folder).rglob("*.py")),
]

# What asks the clock is in the second pattern: two equal runs must not differ by it.
SENTENCE: Final = re.compile(r'"""\w.*[.?:](?:""")?')
CLOCKS: Final = re.compile(r"\b(?:datetime|date|time)\.(?:now|utcnow|today|time|time_ns|localtime|gmtime)\b")
MONEY_WORDS: Final = re.compile(r"minor|amount|money|price|fee\b|total|balance|opening|closing|euro|cent\b")


def named(path: Path) -> str:
    return str(path.relative_to(PROJECT))


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def test_the_rooms_are_found() -> None:
    assert len(IN_THE_ROOMS) > 100
    assert {path.relative_to(PROJECT).parts[0] for path in IN_THE_ROOMS} >= set(ROOMS) - {"insight"}


def test_the_first_line_of_a_file_says_in_a_sentence_what_lives_there() -> None:
    first_lines = {named(path): path.read_text(encoding="utf-8").partition("\n")[0] for path in OURS}
    assert {name: line for name, line in first_lines.items() if not SENTENCE.fullmatch(line)} == {}


def test_every_rule_is_in_the_table_of_rules() -> None:
    files = {path.stem for path in Path(reconciliation.rules.__path__[0]).glob("*.py")} - {"__init__"}
    assert {rule.__module__ for rule in RULES} == {f"reconciliation.rules.{file}" for file in files}


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def test_nobody_imports_the_front_door() -> None:
    assert [named(path) for path in IN_THE_ROOMS if "run_sync" in imported(path)] == []


def test_only_the_front_door_asks_the_clock() -> None:
    asking = {
        named(path): found[0]
        for path in IN_THE_ROOMS
        if (found := CLOCKS.search("\n".join(ast.unparse(node) for node in _calls(path))))
    }
    assert asking == {}


def test_only_the_front_door_prints() -> None:
    printing = [
        named(path)
        for path in IN_THE_ROOMS
        if "cli" not in path.parts
        for call in _calls(path)
        if isinstance(call.func, ast.Name) and call.func.id == "print"
    ]
    assert printing == []


def _calls(path: Path) -> Iterator[ast.Call]:
    return (node for node in ast.walk(parsed(path)) if isinstance(node, ast.Call))


def test_money_is_never_a_float() -> None:
    """No name that means money is a float, and the ledger does not even know the word."""
    floating = [
        f"{named(path)}: {name}"
        for path in IN_THE_ROOMS
        for node in ast.walk(parsed(path))
        for name, annotation in _annotated(node)
        if "float" in ast.unparse(annotation) and MONEY_WORDS.search(name)
    ]
    assert floating == []
    without = {PROJECT / "ledger", PROJECT / "dunning", PROJECT / "export" / "datev"}
    in_them = [path for path in IN_THE_ROOMS if path.parent in without and path.name != "errors.py"]  # counts seconds
    knowing = [named(path) for path in in_them if _says_float(path)]
    assert knowing == []


def _annotated(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(node, ast.AnnAssign):
        yield ast.unparse(node.target), node.annotation
    elif isinstance(node, ast.arg) and node.annotation:
        yield node.arg, node.annotation
    elif isinstance(node, ast.FunctionDef) and node.returns:
        yield node.name, node.returns


def _says_float(path: Path) -> bool:
    return any(isinstance(node, ast.Name) and node.id == "float" for node in ast.walk(parsed(path)))


@pytest.mark.parametrize("table", METADATA.sorted_tables, ids=lambda table: str(table.name))
def test_the_company_leads_every_primary_key_and_every_reference(table: Table[Any]) -> None:
    keys = [column.name for column in table.primary_key]
    assert keys[0] == "company_id"
    assert len(keys) > 1
    for reference in table.foreign_key_constraints:
        assert next(iter(reference.columns)).name == "company_id"
        assert next(iter(reference.elements)).column.name == "company_id"


def test_every_index_begins_with_the_company() -> None:
    for table in METADATA.sorted_tables:
        for index in table.indexes:
            assert next(iter(index.columns)).name == "company_id", index.name
