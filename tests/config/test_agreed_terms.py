"""With whom a time for payment was agreed: with everybody, with some customers, or with nobody."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.loading import load_office

HOUSE = Path(__file__).parents[2] / "config"
HEAD = '[[company]]\nid = "muster"\nname = "Muster GmbH"\n\n[company.dunning]\n'
GROUPS = 'customer_groups = { frame = ["10040", "10041"], others = ["10050"] }\n'

# what the office writes -> the debtors whose due dates were agreed
WRITTEN = [
    ("", ""),
    ("terms_are_contractual = true\n", "10001 10040 10041 10050"),
    ('terms_agreed_with = ["10001"]\n', "10001"),
    ('terms_agreed_with = ["frame"]\n' + GROUPS, "10040 10041"),
    ('terms_agreed_with = ["frame", "10001"]\n' + GROUPS, "10001 10040 10041"),
    (GROUPS, ""),
]


@pytest.mark.parametrize(("written", "agreed"), WRITTEN)
def test_a_due_date_counts_as_agreed_only_with_whom_the_office_says(
    tmp_path: Path, written: str, agreed: str
) -> None:
    path = tmp_path / "kontorist.toml"
    path.write_text(HEAD + written, encoding="utf-8")
    (company,) = load_office(path, house=HOUSE).settings.company
    settings = company.dunning.for_engine(company.region)
    asked = ("10001", "10040", "10041", "10050")
    assert " ".join(number for number in asked if settings.has_agreed_terms(number)) == agreed
