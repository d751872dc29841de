"""Mail addresses (E-Mail-Adressen) that no mail can be written to: left out, aloud, before anything is planned."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from export.mail import addresses
from ledger.errors import Refused
from ledger.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from dunning.notice import Notice
    from ledger.debtor import Debtor


def without_unusable_mail(debtors: Mapping[str, Debtor], bounced: Mapping[str, date]) -> dict[str, Debtor]:
    """Give the debtors as they can be reached: one broken address must not stop the letters to all the others.

    ``bounced`` are addresses from which mails came back for good.
    """
    return {
        number: debtor if _is_usable(debtor.email, bounced) else replace(debtor, email="")
        for number, debtor in debtors.items()
    }


def unusable_mail(
    notices: Iterable[Notice], debtors: Mapping[str, Debtor], bounced: Mapping[str, date]
) -> tuple[Finding, ...]:
    """Tell of each debtor we have something to say to whose address was left out."""
    written = {number: debtors[number].email for notice in notices if (number := notice.debtor.number) in debtors}
    return tuple(
        Finding(
            code="mail_address_unusable",
            place=f"debtor {number}",
            what=f"{email!r} {_why(email, bounced)}; the debtor is reached in another way, or waits",
            what_to_do="Correct the address in the accounting tool.",
        )
        for number, email in sorted(written.items())
        if not _is_usable(email, bounced)
    )


def _why(email: str, bounced: Mapping[str, date]) -> str:
    day = bounced.get(email.casefold())
    return f"sent our mail back on {day}" if day else "is no address a mail can be written to"


def _is_usable(email: str, bounced: Mapping[str, date]) -> bool:
    if not email:
        return True
    if email.casefold() in bounced:
        return False
    try:
        addresses(email)
    except Refused:
        return False
    return True
