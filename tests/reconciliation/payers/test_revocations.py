"""What was learned of a payer can be revoked: older payments teach it no more, later ones may."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.allocation import Allocation, AllocationKind
from ledger.debtor import Debtor
from ledger.money import Money
from reconciliation.index import build_index
from reconciliation.outcome import KnownPayer, PastPayment
from reconciliation.revocations import PayerKind, Revocation, Revoked, still_teaching
from reconciliation.settings import MatchSettings

if TYPE_CHECKING:
    from reconciliation.payers import Payers

FIRST_OF_MAY = date(2026, 5, 1)
IBAN = "DE02500105170137075030"
DEBTORS = {number: Debtor(number=number, name=name) for number, name in (("1", "Huber GmbH"), ("2", "Kaya Bau GmbH"))}


def paid(days: int, *numbers: str, **more: str) -> PastPayment:
    """Remember a payment so many days after the first of May, for some debtors."""
    return PastPayment(
        entry_id=f"e{days}",
        account="own",
        booking_date=FIRST_OF_MAY + timedelta(days=days),
        amount=Money(10000 * len(numbers), "EUR"),
        payer_iban=more.get("iban", IBAN),
        payer_name=more.get("name", "Steuerbüro Adler"),
        end_to_end_id="",
        mandate_id=more.get("mandate", "M-1"),
        remittance="",
        allocations=tuple(
            Allocation(kind=AllocationKind.ON_ACCOUNT, amount=Money(10000, "EUR"), debtor_number=n) for n in numbers
        ),
    )


def revoke(kind: PayerKind, payer: str, number: str = "1", days: int = 0) -> Revocation:
    return Revocation(
        kind=kind,
        payer=payer,
        debtor_number=number,
        revoked_on=FIRST_OF_MAY + timedelta(days=days),
        who="anna",
        why="",
    )


def payers(past: list[PastPayment], *revocations: Revocation, known: tuple[KnownPayer, ...] = ()) -> Payers:
    return build_index(
        items=(),
        debtors=DEBTORS,
        known_payers=known,
        past=past,
        settings=MatchSettings(),
        own_accounts=(),
        revocations=revocations,
    ).payers


def proven(found: Payers) -> dict[str, list[tuple[str, int]]]:
    """Give debtors with the payments that prove them, by account, name and mandate."""
    kinds = {
        "account": found.accounts.values(),
        "name": found.names.values(),
        "mandate": found.mandates.values(),
    }
    return {
        kind: [(p.debtor_number, p.payments) for proofs in every for p in proofs] for kind, every in kinds.items()
    }


@pytest.mark.parametrize(
    ("kind", "written"),
    [
        (PayerKind.ACCOUNT, "de02 5001 0517 0137 0750 30"),
        (PayerKind.NAME, "STEUERBUERO ADLER"),
        (PayerKind.MANDATE, "m1"),
    ],
)
def test_only_what_was_named_is_forgotten_however_it_is_written(kind: PayerKind, written: str) -> None:
    found = proven(payers([paid(0, "1")], revoke(kind, written)))
    assert {k: bool(proofs) for k, proofs in found.items()} == {k: k != kind for k in found}


def test_a_payment_for_two_debtors_goes_on_teaching_the_other_one() -> None:
    found = payers([paid(0, "1", "2")], revoke(PayerKind.ACCOUNT, IBAN))
    assert proven(found) == {
        "account": [("2", 1)],
        "name": [("1", 1), ("2", 1)],
        "mandate": [("1", 1), ("2", 1)],
    }


def test_only_payments_after_the_day_of_the_revocation_teach_again() -> None:
    past = [paid(0, "1"), paid(3, "1"), paid(4, "1")]
    found = payers(past, revoke(PayerKind.ACCOUNT, IBAN, days=3))
    assert proven(found)["account"] == [("1", 1)]
    assert proven(found)["name"] == [("1", 3)]


def test_what_storage_has_counted_is_forgotten_too_and_what_the_tool_says_is_not() -> None:
    counted = KnownPayer(iban=IBAN, debtor_number="1", payments=9, last_seen=FIRST_OF_MAY)
    revoked = revoke(PayerKind.ACCOUNT, IBAN)
    assert payers([], revoked, known=(counted,)).accounts == {}
    told = replace(counted, payments=0, last_seen=None)
    assert proven(payers([], revoked, known=(told,)))["account"] == [("1", 0)]


def test_the_payments_themselves_are_remembered_for_returns_and_duplicates() -> None:
    index = build_index(
        items=(),
        debtors=DEBTORS,
        known_payers=(),
        past=[paid(0, "1")],
        settings=MatchSettings(),
        own_accounts=(),
        revocations=[revoke(PayerKind.ACCOUNT, IBAN)],
    )
    assert list(index.past) == [paid(0, "1")]


PAST = st.lists(
    st.builds(paid, st.integers(0, 9), st.sampled_from(["1", "2"])), max_size=6, unique_by=lambda p: p.entry_id
)


@given(PAST, st.integers(0, 9))
def test_a_revocation_touches_nobody_but_its_own_pair(past: list[PastPayment], day: int) -> None:
    revoked = revoke(PayerKind.ACCOUNT, IBAN, "1", day)
    before, after = proven(payers(past)), proven(payers(past, revoked))
    assert {k: v for k, v in after.items() if k != "account"} == {k: v for k, v in before.items() if k != "account"}
    assert [p for p in after["account"] if p[0] != "1"] == [p for p in before["account"] if p[0] != "1"]
    later = sum(p.booking_date > revoked.revoked_on for p in past if p.allocations[0].debtor_number == "1")
    assert sum(count for number, count in after["account"] if number == "1") == later


def test_without_revocations_nothing_is_copied() -> None:
    past = [paid(0, "1")]
    assert still_teaching(past, Revoked(())) is past
