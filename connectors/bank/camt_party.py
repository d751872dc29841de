"""The other party of a payment (Auftraggeber or Empfänger): whichever of the two is not the account owner."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from connectors.bank.camt_vocabulary import Record

# ISO 7064 check digits and business code after the country: DE98ZZZ09999999999 (EPC, Creditor Identifier).
_CREDITOR_ID: Final = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{3}[A-Za-z0-9+?/:().,'-]{1,28}")


class OtherParty(NamedTuple):
    """Who stands on the other side; every field empty where the bank did not say."""

    name: str
    number: str  # IBAN, or the account as the bank wrote it
    bic: str
    ultimate_name: str
    creditor_id: str  # of the creditor, on whichever side


class _Side(NamedTuple):
    """Where a side's facts may stand: the party itself, Pty or Agt from version 08 on; BIC or BICFI."""

    name: tuple[str, ...]
    number: tuple[str, ...]
    bic: tuple[str, ...]
    ultimate: tuple[str, ...]


def _names(word: str) -> tuple[str, ...]:
    return (f"{word}.name", f"{word}.party.name", f"{word}.agent.financial_institution.name")


def _side(side: str) -> _Side:
    account, agent = f"related_parties.{side}_account.id", f"related_agents.{side}_agent.financial_institution"
    return _Side(
        name=_names(f"related_parties.{side}"),
        number=(f"{account}.iban", f"{account}.other.id"),
        bic=(f"{agent}.bicfi", f"{agent}.bic"),
        ultimate=_names(f"related_parties.ultimate_{side}"),
    )


_DEBTOR: Final = _side("debtor")
_CREDITOR: Final = _side("creditor")
_CREDITOR_IDS: Final = tuple(
    f"related_parties.creditor.{inner}id.{kind}.other.id"
    for inner in ("", "party.")
    for kind in ("private", "organisation")
)


def other_party(payment: Record, account: str, owner: str, *, credit: bool, is_return: bool) -> OtherParty:
    """Find who paid us, or whom we paid.

    On returns the roles stay those of the original payment (DK, Anlage 3): the debtor of a returned debit is still
    the debtor, although the money now leaves our account. What is plainly our own side is never taken.
    """
    side, opposite = (_DEBTOR, _CREDITOR) if credit != is_return else (_CREDITOR, _DEBTOR)
    nobody_there = is_return and not payment.text(*side.name, *side.number)
    if (nobody_there or _is_ours(payment, side, account, owner)) and not _is_ours(payment, opposite, account, owner):
        side = opposite
    return OtherParty(
        name=" ".join(payment.text(*side.name).split()),
        number="".join(payment.text(*side.number).split()),
        bic=payment.text(*side.bic),
        ultimate_name=" ".join(payment.text(*side.ultimate).split()),
        creditor_id=next(filter(_CREDITOR_ID.fullmatch, payment.all_texts(*_CREDITOR_IDS)), ""),
    )


def _is_ours(payment: Record, side: _Side, account: str, owner: str) -> bool:
    number = payment.text(*side.number)
    if number:
        return "".join(number.split()) == account
    name = payment.text(*side.name)
    return bool(name) and name.casefold() == owner.casefold()
