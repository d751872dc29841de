"""Why, and why not: any pair of payment and item is explained in words."""

from __future__ import annotations

from reconciliation.explain import explain
from tests.reconciliation.table import read_book


def test_why_and_why_not_are_told_for_any_pair() -> None:
    book = read_book("""
        debtor 20001 "Andere Leute GmbH" DE22
        item   RE-2026-00471  119,00
        item   RE-2026-00472  200,00  20001
        closed RE-2026-00470  119,00  20001
        item   RE-2026-00473   50,00  20001  in USD
        paid 119,00 "RE-2026-00471" from DE11
        paid 119,00 "RE-2026-00471" from DE99
    """)
    index = book.index()
    known, stranger = book.entries
    invoice, other, settled, foreign = book.items
    assert explain(known, invoice, index)[-1].startswith("booked without a person: the full number")
    assert "the account is not known for Muster Bau GmbH" in explain(stranger, invoice, index)[-1]
    preferred = (
        'RE-2026-00471 explains the payment better: names RE-2026-00471 in the text ("RE-2026-00471"); '
        "the account DE11 is known for Muster Bau GmbH from the accounting tool; "
        "RE-2026-00471 is the only open item with the amount 119,00 EUR"
    )
    assert explain(known, other, index) == (
        "nothing in the payment points to RE-2026-00472 or its debtor",
        "the payment is 81,00 EUR less than the 200,00 EUR open on RE-2026-00472",
        preferred,
    )
    assert "RE-2026-00470 is settled already" in explain(known, settled, index)
    assert "RE-2026-00473 is in USD, the payment in EUR" in explain(known, foreign, index)


def test_a_proposal_tells_its_clues_its_amount_and_what_is_missing() -> None:
    book = read_book("""
        item RE-2026-00471  119,00
        paid 119,00 "re 2026 471" from DE99
    """)
    assert book.night()["e000"].proposals[0].reasons == (
        'names RE-2026-00471 in the text ("re 2026 471")',
        "RE-2026-00471 is the only open item with the amount 119,00 EUR",
        "pays 119,00 EUR exactly",
        "not booked without you: the account is not known for Muster Bau GmbH, and the payer is named otherwise",
    )
