"""The house stays tidy: what no linter checks and every reader relies on."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from reconciliation.rules import RULES
from storage.tables import METADATA

ROOT = Path(__file__).resolve().parent.parent.parent
ROOMS = (
    "ledger", "reconciliation", "dunning", "insight", "connectors", "export", "storage", "config", "night", "review",
    "demo", "benchmarks",
)  # fmt: skip
SOURCES = [
    *sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py") if "migrations" not in path.parts),
    ROOT / "run_sync.py",
]
# Probabilities are floats and may be shortened; the demo invents its amounts.
ROUNDS = {"reconciliation/weighing.py", "demo/payments.py", "demo/ways_to_pay.py", "demo/books.py"}


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_file_says_in_its_first_sentence_what_lives_there(path: Path) -> None:
    sentence = (ast.get_docstring(_tree(path)) or "").split("\n\n")[0].strip()
    assert sentence, f"{path.name} has no docstring"
    assert sentence.endswith((".", ":", "?")), f"{path.name}: {sentence!r} is no sentence"


def test_every_rule_file_is_in_the_table_of_rules() -> None:
    files = {path.stem for path in (ROOT / "reconciliation" / "rules").glob("*.py")} - {"__init__"}
    assert {rule.__module__.rpartition(".")[2] for rule in RULES} == files


def test_nobody_imports_the_front_door() -> None:
    importers = [
        str(path.relative_to(ROOT))
        for path in SOURCES
        for node in ast.walk(_tree(path))
        if (isinstance(node, ast.Import) and any(alias.name == "run_sync" for alias in node.names))
        or (isinstance(node, ast.ImportFrom) and node.module == "run_sync")
    ]
    assert importers == []


def test_only_the_front_door_asks_the_clock() -> None:
    asks = re.compile(r"\b(datetime\.now|datetime\.utcnow|date\.today|time\.time)\(")
    askers = {str(p.relative_to(ROOT)) for p in SOURCES if asks.search(p.read_text(encoding="utf-8"))}
    assert askers <= {"run_sync.py"}


def test_no_pure_room_speaks_of_floats() -> None:
    """Probabilities and strengths are floats; amounts never are, so nothing named like an amount may be one."""
    amount = re.compile(r"\b(\w*(?:minor|amount|total|open|fee|interest|price))\s*:\s*float\b")
    found = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in SOURCES
        for match in amount.finditer(path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_python_rounds_nothing() -> None:
    """round() sends halves to the even neighbour; ledger.rounding says how we round, by name."""
    calls = {
        str(path.relative_to(ROOT))
        for path in SOURCES
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "round"
    }
    assert calls <= ROUNDS


@pytest.mark.parametrize("table", METADATA.sorted_tables, ids=lambda table: str(table.name))
def test_every_table_belongs_to_a_company_first(table: object) -> None:
    keys = [column.name for column in table.primary_key]  # type: ignore[attr-defined]
    assert keys[0] == "company_id"


def test_there_is_no_drawer_for_leftovers() -> None:
    leftovers = {"utils", "util", "helpers", "helper", "common", "misc", "tools"}
    assert not [path for path in SOURCES if leftovers & {path.stem, *path.parent.parts[-1:]}]
