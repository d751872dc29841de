"""Mappings as people write them: every mistake in one message, and nothing lost when they are written out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.bank.online_banking.csv_known_banks import known_mappings
from connectors.bank.online_banking.csv_mapping import COLUMNS, Mapping, StatusRule, load_mappings, mapping_from
from connectors.bank.online_banking.csv_table import normalised
from ledger.errors import Refused
from ledger.statement import EntryKind

if TYPE_CHECKING:
    from pathlib import Path

GOOD = """
name = "My bank"
recognised_by = ["Tag", "Betrag"]
[columns]
booking_date = "Tag"
amount = "Betrag"
"""


@pytest.mark.parametrize("mapping", known_mappings(), ids=lambda mapping: mapping.name)
def test_a_mapping_written_out_and_read_again_is_the_same(mapping: Mapping) -> None:
    assert mapping_from(mapping.as_toml(), "test") == mapping


texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12).filter(normalised)


@given(
    name=texts,
    names=st.lists(texts.filter(lambda text: "|" not in text), min_size=1, max_size=3).map(tuple),
    columns=st.dictionaries(st.sampled_from(COLUMNS), st.lists(texts, min_size=1, max_size=3).map(tuple)),
    status=st.lists(
        st.builds(
            StatusRule,
            column=texts,
            booked=st.lists(texts, max_size=2).map(tuple),
            pending=st.lists(texts, max_size=2).map(tuple),
        ),
        max_size=2,
    ).map(tuple),
    labels=st.dictionaries(texts, st.sampled_from(["payer_name", "end_to_end_id"]), max_size=3),
    kinds=st.dictionaries(texts, st.sampled_from(list(EntryKind)), max_size=3),
)
def test_whatever_people_call_their_columns_can_be_written_out(
    name: str,
    names: tuple[str, ...],
    columns: dict[str, tuple[str, ...]],
    status: tuple[StatusRule, ...],
    labels: dict[str, str],
    kinds: dict[str, EntryKind],
) -> None:
    mapping = Mapping(
        name=name,
        recognised_by=names,
        columns={**columns, "booking_date": ("Tag",), "amount": ("Betrag",)},
        status=status,
        labels=labels,
        kinds=kinds,
        decimal=",",
    )
    assert mapping_from(mapping.as_toml(), "test") == mapping


def test_all_mistakes_come_in_one_message() -> None:
    text = """
    name = ""
    colour = "blue"
    quotes = "yes"
    decimal = ";"
    date_order = "year first"
    currency = "EURO"
    opening = "Alt"
    recognised_by = "Tag"
    [columns]
    booking_date = "Tag"
    payer = "Name"
    value_date = ""
    [labels]
    "X:" = "amount"
    [kinds]
    Gutschrift = "money"
    [[status]]
    spalte = "Info"
    """
    with pytest.raises(Refused) as caught:
        mapping_from(text, "my-bank.toml")
    message = str(caught.value)
    assert message.startswith("my-bank.toml: this mapping of CSV columns cannot be used\n")
    for mistake in (
        "colour: there is no such setting",
        "quotes: 'yes' cannot be used; write true or false",
        "columns.payer: 'payer' is none of booking_date, ",
        "labels.X:: 'amount' is none of ",
        "kinds.Gutschrift: 'money' is none of transfer, ",
        "status 1: write column",
    ):
        assert mistake in message, message


def test_settings_that_contradict_each_other_are_all_told() -> None:
    text = GOOD.replace('amount = "Betrag"', 'value_date = " "').replace("My bank", " ")
    text = 'decimal = ";"\ndate_order = "year first"\ncurrency = "EURO"\nopening = "Alt"\nskip = "---"\n' + text
    with pytest.raises(Refused) as caught:
        mapping_from(text, "my-bank.toml")
    for mistake in (
        "name: this is empty",
        "columns.amount: this is missing; name it, or debit and credit",
        "decimal: ';' cannot be used",
        "date_order: 'year first' cannot be used",
        "currency: 'EURO' is none we know",
        "opening, closing: one balance proves nothing",
        "columns.value_date: ' ' has neither letter nor digit",
        "skip: '---' has neither letter nor digit",
    ):
        assert mistake in str(caught.value), str(caught.value)


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("name = ", "this is not TOML"),
        ("", "name: this is missing"),
        ('like = "Bank of Nowhere"', "like: there is no mapping 'Bank of Nowhere'; there is Sparkasse, "),
        (GOOD.replace('["Tag", "Betrag"]', "5"), "recognised_by: 5 cannot be used; write a list"),
        (GOOD.replace('["Tag", "Betrag"]', "[]"), "recognised_by: this is empty"),
        ('columns = "Tag"\n', "columns: 'Tag' cannot be used"),
    ],
)
def test_one_mistake_is_told_with_what_to_write(text: str, mistake: str) -> None:
    with pytest.raises(Refused) as caught:
        mapping_from(text, "test", known_mappings())
    assert mistake in str(caught.value)


def test_a_mapping_may_be_like_a_known_one_but_for_the_account() -> None:
    comdirect = next(one for one in known_mappings() if one.name == "comdirect")
    own = mapping_from(
        {"like": "comdirect", "account": "DE02120300000000202051", "columns": {"references": "Rechnung"}},
        "test",
        known_mappings(),
    )
    assert (own.account, own.recognised_by) == ("DE02120300000000202051", comdirect.recognised_by)
    assert own.columns == {**comdirect.columns, "references": ("Rechnung",)}


def test_a_folder_of_mappings_is_read_by_name_and_all_its_mistakes_are_told(tmp_path: Path) -> None:
    assert load_mappings(tmp_path / "nowhere") == ()
    (tmp_path / "b.toml").write_text(GOOD, encoding="utf-8-sig")
    (tmp_path / "a.toml").write_text(GOOD.replace("My bank", "Another"), encoding="utf-8")
    (tmp_path / "notes.txt").write_text("no mapping", encoding="utf-8")
    assert [mapping.name for mapping in load_mappings(tmp_path)] == ["Another", "My bank"]
    (tmp_path / "c.toml").write_text(GOOD, encoding="utf-8")
    (tmp_path / "d.toml").write_text("x", encoding="utf-8")
    (tmp_path / "e.toml").write_bytes(b'name = "\xfc"')
    with pytest.raises(Refused) as caught:
        load_mappings(tmp_path)
    for mistake in ("two mappings are called 'My bank'", "d.toml: this mapping", "e.toml: the file cannot be read"):
        assert mistake in str(caught.value)
