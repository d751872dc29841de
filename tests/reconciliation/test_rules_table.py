"""The table of rules is complete: every file in the folder stands in it."""

from __future__ import annotations

import inspect
from pathlib import Path

from reconciliation import rules


def test_every_rule_file_stands_in_the_table() -> None:
    folder = Path(inspect.getfile(rules)).parent
    files = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    assert files == {rule.__module__.rpartition(".")[2] for rule in rules.RULES}
