"""The documentation keeps pace with the code: what the code names is explained, and every link leads somewhere."""

from __future__ import annotations

import ast
import re
import subprocess
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import typer

from config.settings import LetterheadSettings, Settings
from connectors.accounting.headers import DEBTOR_COLUMNS, OPEN_ITEM_COLUMNS
from dunning.default import DefaultBasis
from dunning.gate import CHECKS
from dunning.hold import HoldReason
from dunning.notice import Channel, NoticeState
from dunning.stage import read_procedure
from export.letters.texts import template_names
from ledger.allocation import AllocationKind
from ledger.finding import Severity
from ledger.open_item import ItemKind
from night import report
from night.outbox_desk import OutboxAnswer
from reconciliation.classes import CLASSES
from reconciliation.outcome import EntryState
from reconciliation.rules import RULES
from run_sync import app
from storage.outbox import EffectStatus

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from typer.models import CommandInfo

PROJECT = Path(__file__).parents[2]
DOCS = PROJECT / "docs"
PAGES = sorted([*PROJECT.glob("*.md"), *DOCS.rglob("*.md")])
ROOMS = (
    "ledger",
    "reconciliation",
    "dunning",
    "insight",
    "connectors",
    "export",
    "storage",
    "config",
    "night",
    "review",
)


def named_in(page: str) -> frozenset[str]:
    """Give everything that a page names as code: `so`, each part of `a, b` and `x[].y` too."""
    text = (PROJECT / page).read_text(encoding="utf-8")
    spans = re.findall(r"`([^`\n]+)`", text)
    return frozenset({*spans, *(span.rpartition("[].")[2] for span in spans)})


def unexplained(names: Iterable[str], *pages: str) -> list[str]:
    known = frozenset().union(*(named_in(page) for page in pages))
    return sorted(set(names) - known)


def strings_in(tree: ast.AST) -> Iterator[str]:
    return (n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str))


def keys_written_in(*files: str) -> set[str]:
    """Give every fixed key of a dictionary that is written out in these files, or set later by name."""
    keys = set()
    for file in files:
        for node in ast.walk(ast.parse((PROJECT / file).read_text(encoding="utf-8"))):
            if isinstance(node, ast.Dict):
                keys |= {k.value for k in node.keys if isinstance(k, ast.Constant) and isinstance(k.value, str)}
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript):
                keys |= set(strings_in(node.targets[0].slice))
    return keys


def finding_codes() -> set[str]:
    """Collect the codes of all findings in the code: Finding(code=…), set_aside(…) and warn(…)."""
    codes = set()
    for room in ROOMS:
        for file in (PROJECT / room).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call):
                    codes |= set(_codes_of(node))
    return codes


def _codes_of(call: ast.Call) -> Iterator[str]:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if name == "Finding":
        for keyword in call.keywords:
            if keyword.arg == "code":
                # Of "a if so else b" both are codes; the condition has no strings.
                yield from strings_in(keyword.value)
    elif name in {"set_aside", "warn", "_note"} and call.args:
        yield from strings_in(call.args[0])


def commands() -> Iterator[str]:
    """Name every command as it is typed: night, review accept, …"""
    yield from map(_name, app.registered_commands)
    for group in app.registered_groups:
        assert isinstance(group.typer_instance, typer.Typer)
        if group.typer_instance.registered_callback and group.typer_instance.info.invoke_without_command is True:
            yield str(group.name)
        # Errands without a name of their own stand beside the others.
        prefix = f"{group.name} " if isinstance(group.name, str) else ""
        yield from (f"{prefix}{_name(command)}" for command in group.typer_instance.registered_commands)


def _name(command: CommandInfo) -> str:
    return command.name or getattr(command.callback, "__name__", "").replace("_", "-")


def test_every_reason_of_the_gate_is_explained() -> None:
    codes = [check.code for check in CHECKS]
    assert not unexplained(codes, "docs/dunning.md")


def test_every_code_that_silence_may_have_outside_the_gate_is_explained() -> None:
    built = {
        next(iter(strings_in(node.args[0])), "")
        for file in [*(PROJECT / "night").glob("*.py"), *(PROJECT / "storage").glob("*.py")]
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "HeldBecause" and node.args
    }
    assert {"amount_changed", "withdrawn"} <= built
    assert not unexplained(built - {""}, "docs/dunning.md")


def test_every_stage_reason_and_channel_is_explained() -> None:
    procedure = read_procedure(tomllib.loads((PROJECT / "config/dunning.toml").read_text(encoding="utf-8")))
    names = {stage.name for stage in procedure.stages} | template_names() | set(map(str, DefaultBasis))
    assert not unexplained(names, "docs/dunning.md")
    assert not unexplained(map(str, HoldReason), "docs/desk.md")
    assert not unexplained(map(str, [*Channel, *NoticeState]), "docs/report.md", "docs/exports.md")


def test_every_class_of_evidence_every_rule_and_every_state_is_explained() -> None:
    rules = [rule.__module__.rpartition(".")[2] for rule in RULES]
    classes = ["returned_debit", *(c.name for c in CLASSES)]
    assert not unexplained([*rules, *classes, *map(str, EntryState)], "docs/matching.md")


def test_every_block_of_a_booking_is_counted() -> None:
    text = (DOCS / "matching.md").read_text(encoding="utf-8")
    section = text.partition("## What blocks even a proof")[2].partition("\n## ")[0]
    blocks = (PROJECT / "reconciliation/classes.py").read_text(encoding="utf-8").partition("_BLOCKS: Final")[2]
    assert len(re.findall(r"(?m)^- ", section)) == len(re.findall(r"(?m)^    _\w+,$", blocks))


def test_every_key_of_the_report_is_explained() -> None:
    keys = keys_written_in("night/report.py")
    assert {"exit_code", "spared_because", "rehearsal"} <= keys
    assert not unexplained(keys, "docs/report.md")
    assert not unexplained(map(str, Severity), "docs/report.md")


def test_every_key_of_verify_and_doctor_is_explained() -> None:
    assert not unexplained(keys_written_in("night/verify.py"), "docs/operating.md")
    assert not unexplained(["company", "what", "well", "says", "what_to_do"], "docs/operating.md")


@pytest.mark.parametrize("table", ["matches", "notices", "open_items"])
def test_every_column_of_an_export_is_explained(table: str) -> None:
    tree = ast.parse((PROJECT / f"export/tables/{table}.py").read_text(encoding="utf-8"))
    columns = {
        text
        for node in ast.walk(tree)
        if isinstance(node, ast.keyword) and node.arg == "columns"
        for text in strings_in(node.value)
    }
    assert columns
    keys = keys_written_in(f"export/tables/{table}.py")
    assert not unexplained(columns | keys, "docs/exports.md")
    assert not unexplained(map(str, [*AllocationKind, *EntryState]), "docs/exports.md")


def test_every_finding_is_explained() -> None:
    codes = finding_codes()
    assert {"statement_gap", "unreadable_date", "sending_delayed", "datev-bank-account"} <= codes
    formal = {code for code in codes if code in CHECKED_BEFORE_DELIVERY}
    assert not unexplained(codes - formal, "docs/report.md")


# These say that our own batch is wrong, which stops the night as a mistake of ours; nobody reads them in a report.
CHECKED_BEFORE_DELIVERY = frozenset(
    code
    for file in ("check.py", "reader.py")
    for node in ast.walk(ast.parse((PROJECT / "export/datev" / file).read_text(encoding="utf-8")))
    if isinstance(node, ast.Call)
    for code in strings_in(node)
    if code.startswith("datev-")
)


def test_every_column_of_the_lists_is_explained() -> None:
    names = [column.name for column in (*OPEN_ITEM_COLUMNS, *DEBTOR_COLUMNS)]
    assert not unexplained([*names, *map(str, ItemKind)], "docs/files.md")


def test_every_exit_code_is_explained() -> None:
    codes = [report.DONE, report.A_PERSON_IS_NEEDED, report.WRONG_USAGE, report.COULD_NOT_FINISH]
    text = (DOCS / "operating.md").read_text(encoding="utf-8")
    table = text.partition("## Exit codes")[2].partition("\n## ")[0]
    assert re.findall(r"(?m)^\| (\d) \|", table) == [str(code) for code in sorted(codes)]


def test_every_command_is_explained() -> None:
    found = set(commands())
    assert {"night", "review", "review accept", "outbox", "hold place", "export"} <= found
    text = (DOCS / "operating.md").read_text(encoding="utf-8").partition("## The commands")[2].partition("\n## ")[0]
    spans = re.findall(r"`([^`\n]+)`", text)
    assert not sorted(c for c in found if not any(span == c or span.startswith(f"{c} ") for span in spans))


def test_every_answer_and_status_of_the_outbox_is_explained() -> None:
    asked_about = set(map(str, EffectStatus)) - {"cancelled"}
    assert not unexplained([*map(str, OutboxAnswer), *asked_about], "docs/desk.md")


def test_every_setting_is_named() -> None:
    pages = ["docs/operating.md", "docs/matching.md", "docs/dunning.md", "docs/exports.md", "docs/files.md"]
    pages += [str(page.relative_to(PROJECT)) for page in (DOCS / "connectors").glob("*.md")]
    assert not unexplained(set(_keys(Settings)) - _LETTERHEAD, *pages)


# What stands on a letter explains itself; config/every_setting.toml lists it.
_LETTERHEAD = frozenset(LetterheadSettings.model_fields)


def _keys(annotation: Any) -> Iterator[str]:
    for name, field in getattr(annotation, "model_fields", {}).items():
        inner = list(_keys(field.annotation))
        yield from inner or [name]
    for argument in getattr(annotation, "__args__", ()):
        yield from _keys(argument)


def test_every_word_of_the_glossary_stands_in_the_code() -> None:
    code = "\n".join(
        file.read_text(encoding="utf-8")
        for room in ROOMS
        for file in (PROJECT / room).rglob("*")
        if file.suffix in {".py", ".toml"}
    )
    rows = [line.split(" | ") for line in (DOCS / "glossary.md").read_text(encoding="utf-8").splitlines()[7:]]
    names = [name.rpartition(".")[2] for row in rows for name in re.findall(r"`([^`]+)`", row[2])]
    assert len(names) > 100
    assert not [name for name in names if not re.search(rf"\b{re.escape(name)}\b", code)]


def test_the_glossary_is_in_alphabetical_order() -> None:
    lines = (DOCS / "glossary.md").read_text(encoding="utf-8").splitlines()[7:]
    words = [line.removeprefix("| ").partition(" | ")[0] for line in lines]
    assert words == sorted(words, key=str.casefold)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    broken = []
    for target in _links(page.read_text(encoding="utf-8")):
        file, _, anchor = target.partition("#")
        linked = (page.parent / file).resolve() if file else page
        if not linked.exists() or (anchor and anchor not in _anchors(linked)):
            broken.append(target)
    assert not broken


def _links(text: str) -> Iterator[str]:
    without_code = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)|src=\"([^\"]+)\"", without_code):
        link = next(filter(None, target))
        if not link.startswith(("http://", "https://")):
            yield link


def _anchors(page: Path) -> set[str]:
    """Give the anchors of a page's headings, as code hosts make them."""
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    return {
        re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")
        for heading in re.findall(r"(?m)^#+ (.+)$", text)
    }


def test_every_decision_is_in_the_list_of_decisions() -> None:
    listed = re.findall(r"\]\((\d{4}-[^)]+)\)", (DOCS / "decisions/README.md").read_text(encoding="utf-8"))
    assert listed == sorted(file.name for file in (DOCS / "decisions").glob("[0-9]*.md"))


# Written apart, so that this file does not find itself.
FORBIDDEN = [
    "".join(parts)
    for parts in (
        ("pypi", ".org"),
        ("pythonhosted", ".org"),
        ("/wo", "rk/"),
        ("--extra-index", "-url"),
        ("cdn", "js."),
    )
]


def test_no_file_names_a_package_host_or_a_private_path() -> None:
    found = [
        f"{file.relative_to(PROJECT)}: {word}"
        for file in _files_of_the_project()
        for word in FORBIDDEN
        if word.encode() in file.read_bytes()
    ]
    assert not found


def _files_of_the_project() -> list[Path]:
    """List what is, or is about to be, under version control; ignored files are nobody's business."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=PROJECT, capture_output=True, check=True)
    return [file for name in listed.stdout.decode().split("\0") if name and (file := PROJECT / name).is_file()]


def test_the_pictures_ask_nobody_for_anything() -> None:
    picture = (DOCS / "pictures/night.svg").read_text(encoding="utf-8")
    assert set(re.findall(r"\w+://[^\"' )]+", picture)) == {"http://www.w3.org/2000/svg"}
    assert (DOCS / "pictures/letter.png").stat().st_size < 150 * 1024
