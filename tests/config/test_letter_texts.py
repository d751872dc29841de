"""The office's own letter texts are read with the configuration: a threat too early stops the start."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from config.loading import ConfigError, load_office
from tests.office import ROOT, TestOffice

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def office(tmp_path: Path) -> TestOffice:
    office = TestOffice(folder=tmp_path / "office", database=f"sqlite:///{tmp_path / 'kontorist.db'}")
    office.write_lists()
    return office


def test_a_text_that_threatens_in_a_reminder_is_told_with_its_line_before_anything_runs(office: TestOffice) -> None:
    config = office.config()
    texts = config.parent / "letter-texts"
    texts.mkdir()
    (texts / "de.toml").write_text(
        '[[template.reminder.before]]\ntext = "Sonst kommt das Inkasso."\n', encoding="utf-8"
    )
    with pytest.raises(ConfigError) as refused:
        load_office(config, house=ROOT / "config")
    (mistake,) = refused.value.mistakes
    assert "de.toml, line 2" in mistake
    assert "'Inkasso' must not stand in reminder" in mistake


def test_without_own_texts_the_shipped_ones_are_no_mistake(office: TestOffice) -> None:
    assert load_office(office.config(), house=ROOT / "config").settings.company
