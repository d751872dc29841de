"""Fields of an answer: exact, or a mistake with its place; no value of any shape does anything else."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.accounting.document import payload_bytes, payload_hash
from connectors.accounting.fields import Fields, Mistake
from connectors.accounting.terms import days_after
from connectors.wire import Answer
from ledger.errors import Unreadable
from ledger.money import Money


def fields(value: Any) -> Fields:
    """Give an object whose field ``x`` is so."""
    return Fields({"x": value}, "lexware: invoice RE-1")


@pytest.mark.parametrize(
    ("value", "cents"),
    [
        (119, 11_900),
        (Decimal("119.00"), 11_900),
        ("119.00", 11_900),
        (" 119.0 ", 11_900),
        ("-19.990000", -1_999),
        ("1.19E+2", 11_900),
        (Decimal("1.19E+2"), 11_900),
        ("0", 0),
        (".5", 50),
        ("5.", 500),
    ],
)
def test_amounts_are_read_exactly(value: Any, cents: int) -> None:
    assert fields(value).money("x", "EUR") == Money(cents, "EUR")


@pytest.mark.parametrize(
    "value",
    [
        "119,00",
        "1.119,00",
        "1_000",
        "１２",
        "NaN",
        "Infinity",
        Decimal("NaN"),
        Decimal("Infinity"),
        True,
        [],
        {},
        [119],
        "119.005",
        Decimal("119.00000000000001"),
        Decimal("0.10000000000000000000000000000000000001"),
        Decimal("1E+400"),
        Decimal("1E+999999999"),
        Decimal("1E-999999999"),
        Decimal("0E+999999999"),
        "1E999999999",
        10**40,
        10**16,
        None,
        "",
        False,
    ],
)
def test_what_is_no_exact_amount_is_a_mistake_with_its_place(value: Any) -> None:
    with pytest.raises(Mistake) as told:
        fields(value).money("x", "EUR")
    assert told.value.place == "lexware: invoice RE-1 › x"
    assert len(told.value.what) < 200


@pytest.mark.parametrize(
    ("value", "zone", "day"),
    [
        ("2026-04-01", "", date(2026, 4, 1)),
        ("2026-03-31T23:30:00+00:00", "Europe/Berlin", date(2026, 4, 1)),
        ("2026-03-31T23:30:00.000+0000", "Europe/Berlin", date(2026, 4, 1)),
        ("2026-03-31T23:30:00Z", "", date(2026, 3, 31)),
        ("2026-04-01 10:00:00", "Europe/Berlin", date(2026, 4, 1)),
        (None, "", None),
        (False, "", None),
    ],
)
def test_a_day_is_a_day_in_its_zone(value: Any, zone: str, day: date | None) -> None:
    assert fields(value).day("x", zone) == day


@pytest.mark.parametrize(
    "value",
    ["0000-00-00", "01.04.2026", "1900-01-01", "9999-12-31", "0001-01-01T00:00:00+14:00", 5, [1], {"a": 1}, True],
)
def test_a_day_nobody_believes_is_a_mistake(value: Any) -> None:
    with pytest.raises(Mistake):
        fields(value).day("x", "Europe/Berlin")


@pytest.mark.parametrize(("days", "good"), [(0, True), (30, True), (3_660, True), (3_661, False), (10**12, False)])
def test_a_term_nobody_believes_is_a_mistake(days: int, *, good: bool) -> None:
    if good:
        assert days_after(date(2026, 1, 1), days) >= date(2026, 1, 1)
    else:
        with pytest.raises(Mistake):
            days_after(date(2026, 1, 1), days)


def test_texts_hold_nothing_that_no_database_or_terminal_takes() -> None:
    assert fields(" Müller \n & \t Söhne ").text("x") == "Müller & Söhne"
    assert fields("a\x00b\x1b[31m\ud83d\x9b").text("x") == "a�b�[31m��"
    assert fields("👩‍👩‍👧").text("x") == "👩‍👩‍👧"


JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.decimals(allow_nan=False)
    | st.text(st.characters(), max_size=20)
    | st.sampled_from(["2026-01-01", "1", "EUR", "0000-00-00", 10**400]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)


@given(value=JUNK)
def test_whatever_stands_in_a_field_it_is_read_or_a_mistake(value: Any) -> None:
    read = fields(value)
    for ask in (
        read.text,
        read.needed,
        read.number,
        read.decimal,
        read.currency,
        read.epoch_day,
        read.needed_day,
        read.percent,
        read.whole,
        read.truth,
        read.inside,
        lambda key: list(read.each(key)),
        lambda key: read.day(key, "Europe/Berlin"),
        lambda key: read.money(key, "EUR"),
        lambda key: read.cents(key, "KWD"),
    ):
        try:
            ask("x")
        except Mistake as mistake:
            finding = mistake.finding()
            assert len(finding.what) < 300
    assert isinstance(read.label("x"), str)
    assert isinstance(read.has("x"), bool)


def answer(body: str | bytes) -> Answer:
    """Give an answer with a body."""
    raw = body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body
    return Answer(200, {}, raw, "lexware: GET tool.example/x")


def test_json_numbers_lose_no_cent() -> None:
    read = answer('{"a": 0.1, "b": 1e400, "c": 123456789012345678901234567890.01, "d": 5}').record()
    assert read == {
        "a": Decimal("0.1"),
        "b": Decimal("1e400"),
        "c": Decimal("123456789012345678901234567890.01"),
        "d": 5,
    }


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "NaN",
        '{"a": Infinity}',
        '{"a": 1, "a": 1}',
        '[{"a": {"b": 1, "b": 2}}]',
        "[" * 100_000,
        "[" * 300 + "]" * 300,
        '{"a":' * 250 + "1" + "}" * 250,
        '{"a": ' + "9" * 5_000 + "}",
        b"\xff\xfe",
        '{"name": "M\u00fcller"}'.encode("latin-1"),
        "{} {}",
        "{'a': 1}",
    ],
)
def test_what_is_not_json_is_told_with_its_beginning(body: str | bytes) -> None:
    with pytest.raises(Unreadable) as told:
        answer(body).json()
    assert len(str(told.value)) < 500


def test_brackets_in_texts_are_no_depth() -> None:
    rows = [{"note": "Rabatt [10 %"}] * 1_000
    assert answer(payload_bytes({"rows": rows})).rows("rows") == rows


def test_halves_of_characters_do_not_stop_anything() -> None:
    read = answer(r'{"a": "\ud83d", "b": "\u0000x\u001b", "c": "\ud83d\ude00 ok\n"}').record()
    assert read == {"a": "�", "b": "�x�", "c": "😀 ok\n"}
    assert answer(b'{"a": "\xed\xa0\xbd"}').record() == {"a": "�"}


def test_a_body_says_what_it_is_whatever_its_header_says() -> None:
    told = Answer(200, {"Content-Type": "text/html; charset=utf-8"}, b'{"a": 1}', "x")
    assert told.record() == {"a": 1}


@pytest.mark.parametrize(
    ("said", "there"),
    [
        ("Tue, 05 May 2026 00:30:00 GMT", True),
        ("Tue, 05 May 2026 02:30:00 +0200", True),
        ("Tue, 05 May 2026 00:30:00 -0000", True),
        ("Mon, 01 Jan 1900 00:00:00 GMT", False),
        ("Fri, 31 Dec 9999 23:59:59 GMT", False),
        ("", False),
        ("today", False),
    ],
)
def test_the_clock_of_a_tool(said: str, *, there: bool) -> None:
    moment = Answer(200, {"Date": said}, b"", "x").moment
    assert (moment.isoformat() if moment else None) == ("2026-05-05T00:30:00+00:00" if there else None)


@given(value=st.dictionaries(st.text(st.characters(), max_size=5), JUNK, max_size=4))
def test_equal_things_have_equal_bytes_and_the_same_words_come_back(value: dict[str, Any]) -> None:
    turned = dict(reversed(list(value.items())))
    assert payload_bytes(value) == payload_bytes(turned)
    assert payload_hash(value) == payload_hash(turned)
