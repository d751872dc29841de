"""Who pays for whom: accounts that change, are shared or move on, people who pay for others, one wrong booking."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.allocation import Allocation, AllocationKind
from ledger.debtor import Debtor
from ledger.money import Money
from ledger.statement import StatementEntry
from reconciliation.index import build_index
from reconciliation.outcome import KnownPayer, PastPayment
from reconciliation.payers import account_key, build_payers, is_complete
from reconciliation.settings import MatchSettings
from reconciliation.who_paid import payer_by_account, who_paid

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from random import Random

    from reconciliation.index import Index

TODAY = date(2026, 5, 6)
BAU, KLEIN, WEG = "10001", "10002", "10003"
DEBTORS = {
    BAU: Debtor(number=BAU, name="Muster Bau GmbH", ibans=("DE02100500000054540402",)),
    KLEIN: Debtor(number=KLEIN, name="Fritz Klein"),
    WEG: Debtor(number=WEG, name="WEG Lindenstraße 5"),
}


def past(debtor: str, iban: str, name: str = "", *, days_ago: int = 30, mandate: str = "") -> PastPayment:
    allocation = Allocation(kind=AllocationKind.PAYMENT, amount=Money(100, "EUR"), item_id="i", debtor_number=debtor)
    return PastPayment(
        entry_id=f"{debtor}{iban}{name}{days_ago}",
        account="OWN",
        booking_date=TODAY - timedelta(days=days_ago),
        amount=Money(100, "EUR"),
        payer_iban=iban,
        payer_name=name,
        end_to_end_id="",
        mandate_id=mandate,
        remittance="",
        allocations=(allocation,),
    )


def index(payments: Iterable[PastPayment] = (), known: Iterable[KnownPayer] = (), **more: Debtor) -> Index:
    return build_index(
        items=(),
        debtors={**DEBTORS, **{debtor.number: debtor for debtor in more.values()}},
        known_payers=known,
        past=payments,
        settings=MatchSettings(),
        own_accounts=(),
    )


def paid(name: str = "", iban: str = "", text: str = "", **more: Any) -> StatementEntry:
    return StatementEntry(
        account="OWN",
        booking_date=TODAY,
        amount=Money(11900, "EUR"),
        payer_name=name,
        payer_iban=iban,
        remittance=text,
    )._replace(**more)


def told(entry: StatementEntry, payments: Sequence[PastPayment] = ()) -> list[tuple[str, str]]:
    """Give debtor and strongest rule, best first."""
    return [(one.debtor_number, one.evidence[0].rule) for one in who_paid(entry, index(payments))]


def strength(debtor: str, entry: StatementEntry, payments: Sequence[PastPayment]) -> float:
    return next((one.strength for one in who_paid(entry, index(payments)) if one.debtor_number == debtor), 0.0)


def test_the_account_is_asked_before_any_name_is_looked_up() -> None:
    books = index()
    (only,) = payer_by_account(paid("Irgendwer", "DE02100500000054540402"), books)
    assert (only.debtor_number, only.evidence[0].rule) == (BAU, "known_payer")
    assert not books.names._known


def test_the_old_account_number_with_its_bank_code_is_the_same_account() -> None:
    (only,) = payer_by_account(paid(iban="54540402", payer_bic="10050000"), index())
    assert only.debtor_number == BAU
    assert account_key("10050000/54540402") == account_key("DE02 1005 0000 0054 5404 02")
    assert account_key("54540402") != account_key("DE02100500000054540402")
    assert not is_complete(account_key("0054540402"))
    assert is_complete(account_key("DE02100500000054540402"))


def test_several_confirmations_are_worth_more_than_one() -> None:
    once = [past(KLEIN, "DE77")]
    often = [past(KLEIN, "DE77", days_ago=days) for days in (30, 60, 90)]
    entry = paid(iban="DE77")
    assert strength(KLEIN, entry, once) < strength(KLEIN, entry, often) == 6.0
    assert "the last on 06.04.2026" in who_paid(entry, index(often))[0].evidence[0].says


def test_one_booking_for_a_strangers_account_is_a_hint_and_no_account_of_the_debtor() -> None:
    wrong = [past(KLEIN, "DE77", "Erika Fremd")]
    assert told(paid("Erika Fremd", "DE77"), wrong) == [(KLEIN, "paid_for")]
    assert strength(KLEIN, paid("Erika Fremd", "DE77"), wrong) == 3.0
    # It says nothing about anybody else's account or name.
    assert told(paid("Otto Fremd", "DE78"), wrong) == []
    assert told(paid("Muster Bau", "DE02100500000054540402"), wrong) == [(BAU, "known_payer")]


def test_a_spouse_who_pays_again_and_again_is_known_by_account_and_by_name() -> None:
    spouse = [past(KLEIN, "DE77", "Gerda Sommer", days_ago=days) for days in (30, 60)]
    assert told(paid("Gerda Sommer", "DE77"), spouse) == [(KLEIN, "known_payer")]
    assert told(paid("SOMMER GERDA", "DE99"), spouse) == [(KLEIN, "paid_for")]


def test_a_property_manager_is_known_for_each_house_and_the_text_says_which() -> None:
    manager = [past(debtor, "DE77", "Hausverwaltung Sonne GmbH") for debtor in (WEG, KLEIN)]
    assert {debtor for debtor, _ in told(paid("Hausverwaltung Sonne GmbH", "DE77"), manager)} == {WEG, KLEIN}
    best = who_paid(paid("HAUSVERWALTUNG SONNE", "DE77", "Rg 471 WEG Lindenstr. 5"), index(manager))[0]
    assert (best.debtor_number, best.evidence[0].rule) == (WEG, "payer_in_text")
    assert best.evidence[0].says.endswith('in the text ("WEG Lindenstr. 5"), for whom the payer has paid before')


def test_whoever_pays_for_very_many_says_nothing_about_any_of_them() -> None:
    factor = [past(str(20000 + n), "DE77", "Sammelkasse Nord") for n in range(11)]
    assert told(paid("Sammelkasse Nord", "DE77"), factor) == []
    assert build_payers(debtors={}, past=factor).pays_for_many("DE77", "", TODAY)
    assert len(told(paid("Sammelkasse Nord", "DE77"), factor[:10])) == 10


def test_what_is_years_old_counts_less() -> None:
    entry = paid(iban="DE77")
    ages = [strength(KLEIN, entry, [past(KLEIN, "DE77", days_ago=days)] * 3) for days in (30, 390, 900, 1500, 5000)]
    assert ages[0] == ages[1] > ages[2] > ages[3] > ages[4] > 3.0


def test_an_account_that_went_to_another_debtor_is_the_other_debtors() -> None:
    moved = [past(KLEIN, "DE77", days_ago=900), *(past(WEG, "DE77", days_ago=days) for days in (20, 50))]
    assert told(paid(iban="DE77"), moved) == [(WEG, "known_payer")]
    # On one payment it may as well be a mistake.
    assert [rule for _, rule in told(paid(iban="DE77"), moved[:2])] == ["shared_payer", "shared_payer"]


def test_a_debtor_with_a_new_account_is_known_by_name() -> None:
    (found,) = who_paid(paid("MUSTER BAU", "DE44500105175407324931"), index())
    assert (found.debtor_number, found.evidence[0].rule) == (BAU, "payer_name")
    assert found.evidence[0].says.endswith("is named like Muster Bau GmbH (100 %), and pays from a new account")
    assert "new account" not in who_paid(paid("Fritz Klein", "DE44500105175407324931"), index())[0].evidence[0].says


def test_contradicting_payments_weaken() -> None:
    own = [past(KLEIN, "DE77", days_ago=days) for days in (10, 40, 70)]
    entry = paid(iban="DE77")
    assert strength(KLEIN, entry, own) > strength(KLEIN, entry, [*own, past(WEG, "DE77")]) > 1.5


def test_a_mandate_belongs_to_whom_it_was_given() -> None:
    debits = [past(KLEIN, "", mandate="M-2025/17")]
    assert told(paid(mandate_id="M 2025 17"), debits) == [(KLEIN, "mandate")]
    assert told(paid(mandate_id="M-2025/18"), debits) == []


def test_the_party_behind_the_payer_is_named_as_such() -> None:
    (found,) = who_paid(paid("Zahlstelle Nord", ultimate_name="MUSTER BAU"), index())
    assert found.evidence[0].says.startswith('the party behind the payer "MUSTER BAU" is named like Muster Bau GmbH')


@pytest.mark.parametrize(
    ("text", "debtors"),
    [
        ("Rechnung 471 im Auftrag von Fritz Klein", [KLEIN]),
        ("fuer Fa. Muster Bau GmbH", [BAU]),
        ("MIETE WEG LINDENSTRASSE 5 MAI", [WEG]),
        ("Klein Fritz und Muster Bau", [KLEIN, BAU]),
        ("Muster beigelegt, Bau folgt", []),
        ("kleine Rechnung", []),
    ],
)
def test_a_debtors_name_in_the_text_is_read(text: str, debtors: list[str]) -> None:
    assert sorted(debtor for debtor, _ in told(paid("Kanzlei Sommer", text=text))) == sorted(debtors)


def test_two_debtors_of_one_name_are_both_told_and_each_counts_for_less() -> None:
    other = Debtor(number="20001", name="Muster-Bau AG")
    found = who_paid(paid("Muster Bau"), index(other=other))
    assert [(one.debtor_number, one.strength) for one in found] == [(BAU, 2.5), ("20001", 2.5)]
    assert "and so is another debtor" in found[0].evidence[0].says


def test_what_storage_counted_and_what_is_remembered_are_the_same_payments() -> None:
    known = KnownPayer(iban="DE77", debtor_number=KLEIN, payments=4, last_seen=date(2026, 3, 1))
    payers = build_payers(debtors=DEBTORS, known_payers=[known], past=[past(KLEIN, "DE77")])
    (proof,) = payers.of_account("DE77", "", TODAY)
    assert (proof.payments, proof.last) == (4, TODAY - timedelta(days=30))


PAYMENTS = st.lists(
    st.builds(
        past,
        st.sampled_from([BAU, KLEIN, WEG]),
        st.sampled_from(["DE77", "DE78", ""]),
        st.sampled_from(["", "Erika Fremd", "Fritz Klein"]),
        days_ago=st.integers(0, 2000),
        mandate=st.sampled_from(["", "M1"]),
    ),
    max_size=12,
)
ENTRIES = st.builds(
    paid,
    st.sampled_from(["", "Erika Fremd", "Fritz Klein", "Muster Bau"]),
    st.sampled_from(["", "DE77", "DE78", "DE02100500000054540402"]),
    st.sampled_from(["", "fuer WEG Lindenstr. 5"]),
    mandate_id=st.sampled_from(["", "M1"]),
)


@settings(max_examples=60)
@given(PAYMENTS, ENTRIES, st.randoms())
def test_the_order_of_the_past_decides_nothing(
    payments: list[PastPayment], entry: StatementEntry, chance: Random
) -> None:
    shuffled = list(payments)
    chance.shuffle(shuffled)
    assert who_paid(entry, index(shuffled)) == who_paid(entry, index(payments))


@settings(max_examples=60)
@given(PAYMENTS, ENTRIES)
def test_an_unrelated_debtor_never_changes_who_paid(payments: list[PastPayment], entry: StatementEntry) -> None:
    other = Debtor(number="90000", name="Gartenbau Zwiesel OHG", ibans=("DE99",))
    elsewhere = past("90000", "DE99", "Gartenbau Zwiesel")
    assert who_paid(entry, index([*payments, elsewhere], other=other)) == who_paid(entry, index(payments))


@settings(max_examples=60)
@given(PAYMENTS, ENTRIES, st.sampled_from([BAU, KLEIN, WEG]), st.integers(0, 400))
def test_one_more_confirmation_never_weakens(
    payments: list[PastPayment], entry: StatementEntry, debtor: str, days_ago: int
) -> None:
    more = past(debtor, entry.payer_iban, entry.payer_name, days_ago=days_ago, mandate=entry.mandate_id)
    before = strength(debtor, entry, payments)
    assert strength(debtor, entry, [*payments, replace(more, entry_id="new")]) >= before - 1e-9
