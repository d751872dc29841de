"""Why a payment came back, in words an accountant reads."""

from __future__ import annotations

import re

import pytest

from connectors.bank import codes
from ledger.return_reasons import REASONS, in_words, what_to_do


@pytest.mark.parametrize(
    ("code", "told", "words"),
    [
        ("AC04", "", "the account is closed (AC04, Konto aufgelöst)"),
        (
            "MD01",
            "siehe Anlage",
            "there is no valid mandate (MD01, Kein gültiges Mandat); the bank adds: siehe Anlage",
        ),
        ("R02", "Conto estinto", "R02, Conto estinto"),
        ("4", "", "4"),
        ("", "Konto erloschen", "Konto erloschen"),
        ("", "", "the bank gives no reason"),
    ],
)
def test_a_reason_is_told_in_words_and_an_unknown_one_as_the_bank_wrote_it(code: str, told: str, words: str) -> None:
    assert in_words(code, told) == words


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        ("AC01", "the right one"),
        ("MS03", "Remind the debtor"),
        ("AM04", "Remind the debtor"),
        ("MD06", "before you dun"),
        ("MD01", "check the mandate"),
        ("AM05", "Do not dun"),
        ("SL01", "lift the block"),
        ("FF01", "done nothing wrong"),
        ("4", "decide by hand"),
    ],
)
def test_each_reason_says_what_receivables_should_do(code: str, advice: str) -> None:
    assert advice in what_to_do(code)


def test_every_reason_that_a_statement_may_name_is_explained() -> None:
    named = re.findall(r"[A-Z]{4}|[A-Z]{2}\d\d", " ".join(codes._REASON_OF_ADDENDUM.values()))
    assert named
    assert set(named) <= set(REASONS)


def test_every_reason_is_complete() -> None:
    for code, reason in REASONS.items():
        assert re.fullmatch(r"[A-Z0-9]{4}", code)
        assert reason.german
        assert reason.what[0].islower()
        assert reason.what_to_do.endswith(".")
