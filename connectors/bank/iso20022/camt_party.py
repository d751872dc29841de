"""The other party of a payment (Auftraggeber or Empfänger): whichever of the two is not the account owner."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from stdnum import iban

if TYPE_CHECKING:
    from connectors.bank.iso20022.camt_facts import PaymentFacts

# ISO 7064 check digits and business code after the country: DE98ZZZ09999999999 (EPC, Creditor Identifier).
_CREDITOR_ID: Final = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{3}[A-Za-z0-9+?/:().,'-]{1,28}")


class OtherParty(NamedTuple):
    """Who stands on the other side, and behind whom; every field empty where the bank did not say."""

    name: str
    account: str  # IBAN, or the account as the bank wrote it
    bic: str
    ultimate_name: str
    ultimate_own_name: str  # for whom we received or paid it
    creditor_id: str  # of the creditor, on whichever side


def other_party(facts: PaymentFacts, account: str, owner: str, *, credit: bool, is_return: bool) -> OtherParty:
    """Find who paid us, or whom we paid.

    On returns the roles stay those of the original payment (DK, Anlage 3): the debtor of a returned debit is still
    the debtor, although the money now leaves our account. What is plainly our own side is never taken.
    """
    debtor = facts.debtor_name, "".join(facts.debtor_account.split()), facts.debtor_bic, facts.ultimate_debtor
    creditor = (
        facts.creditor_name,
        "".join(facts.creditor_account.split()),
        facts.creditor_bic,
        facts.ultimate_creditor,
    )
    side, own = (debtor, creditor) if credit != is_return else (creditor, debtor)
    nobody_there = is_return and not side[0] and not side[1]
    if (nobody_there or _is_ours(side, account, owner)) and not _is_ours(own, account, owner):
        side, own = own, side
    name, number, bic, ultimate = side
    return OtherParty(
        " ".join(name.split()),
        number,
        bic,
        " ".join(ultimate.split()) if ultimate else "",
        " ".join(own[3].split()) if own[3] else "",
        _creditor_id(facts.creditor_ids) if facts.creditor_ids else "",
    )


def _is_ours(side: tuple[str, str, str, str], account: str, owner: str) -> bool:
    name, number, *_ = side
    return number == account if number else name != "" and name.casefold() == owner.casefold()


def _creditor_id(written: tuple[str, ...]) -> str:
    """Take the creditor identifier among all numbers a creditor may have; an account number looks much like one."""
    candidates = (text.strip() for text in written)
    return next((text for text in candidates if _CREDITOR_ID.fullmatch(text) and not iban.is_valid(text)), "")
