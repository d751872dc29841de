"""The guide is followed word for word: what it says must work, and what it names must be there."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from connectors.accounting.fields import Fields
from connectors.accounting.sync import ToolSource
from connectors.wire.settings import SecretSettings
from ledger import errors
from tests.connectors.accounting.conformance import given_template
from tests.connectors.accounting.conformance.given import Sleeps, answering, line_for

if TYPE_CHECKING:
    from types import ModuleType

ROOT = Path(__file__).resolve().parents[4]
GUIDE = (ROOT / "docs/connectors/adding-a-tool.md").read_text(encoding="utf-8")


@pytest.fixture
def muster(tmp_path: Path) -> ModuleType:
    """Copy the template as the guide says, and import the copy."""
    source, copy = re.findall(r"^cp (\S+) (\S+)$", GUIDE, re.MULTILINE)[0]
    text = (ROOT / source).read_text(encoding="utf-8")
    for old, new in re.findall(r"s/(\w+)/(\w+)/g", re.findall(r"^sed .*$", GUIDE, re.MULTILINE)[0]):
        text = text.replace(old, new)
    path = tmp_path / Path(copy).name
    path.write_text(text, encoding="utf-8")
    spec = importlib.util.spec_from_file_location("muster", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["muster"] = module  # where pydantic looks for the names of its annotations
    spec.loader.exec_module(module)
    return module


def test_the_copied_template_reads_its_tool(muster: ModuleType) -> None:
    settings = muster.MusterSettings(
        kind="muster", name="office", url="https://tool.example/api", key=SecretSettings(env="MUSTER_KEY")
    )
    with answering(given_template.make(3)):
        tool = muster.Muster.connect(settings, line_for(Sleeps()))
        assert tool.check() == "Muster GmbH answers"
        assert len(ToolSource(tool).pull().items) == 3


def test_every_method_of_fields_that_the_guide_names_is_there_and_none_is_left_out() -> None:
    table = GUIDE.partition("| method | reads |")[2].partition("\n\n")[0]
    named = set(re.findall(r"`(\w+)`", table))
    there = {name for name in vars(Fields) if not name.startswith("_")} - {"values", "place"}
    behind = {"has", "mistake", "exact", "believable", "needed_decimal", "term"}
    assert named <= there
    assert there - behind == named


def test_every_error_that_the_guide_names_is_there() -> None:
    named = re.findall(r"Never catch what the wire raises: (.*?) are understood", GUIDE, re.DOTALL)[0]
    assert all(hasattr(errors, word) for word in re.findall(r"`(\w+)`", named))


def test_every_file_that_the_guide_names_is_there_unless_it_is_yours() -> None:
    named = {path for path in re.findall(r"[\w./-]+\.(?:py|toml)", GUIDE) if "/" in path and "muster" not in path}
    assert named
    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []


def test_every_status_that_the_guide_promises_is_tried() -> None:
    suite = (Path(__file__).parent / "test_conformance.py").read_text(encoding="utf-8") + given_template.__doc__
    suite += (Path(__file__).parent / "given.py").read_text(encoding="utf-8")
    promised = re.findall(r"\b[45]\d\d\b", GUIDE.partition("## 5.")[2].partition("## 6.")[0])
    assert len(promised) >= 10
    assert [status for status in promised if status not in suite] == []
