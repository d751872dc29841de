"""Addresses (Anschriften) that reach nobody: left out, aloud, before anything is planned."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dunning.reach import postal_address
from export.mail import addresses
from ledger.errors import Refused
from ledger.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import date

    from dunning.notice import Notice
    from ledger.debtor import Debtor


def without_unusable_mail(
    debtors: Mapping[str, Debtor], bounced: Mapping[str, date], returned: Collection[str] = ()
) -> dict[str, Debtor]:
    """Give the debtors as they can be reached: one broken address must not stop the letters to all the others.

    ``bounced`` are addresses from which mails came back, ``returned`` postal ones (``dunning.reach.postal_address``)
    from which letters did. Of several addresses of one debtor the good ones stay.
    """
    return {number: _by_mail(_by_post(debtor, returned), bounced) for number, debtor in debtors.items()}


def unusable_mail(
    notices: Iterable[Notice],
    debtors: Mapping[str, Debtor],
    bounced: Mapping[str, date],
    returned: Collection[str] = (),
) -> tuple[Finding, ...]:
    """Tell of each debtor we have something to say to whose address was left out."""
    spoken_to = {number: debtors[number] for notice in notices if (number := notice.debtor.number) in debtors}
    return (
        *(
            _note("mail_address_unusable", number, f"{debtor.email!r} {_why(debtor.email, bounced)}")
            for number, debtor in sorted(spoken_to.items())
            if _usable(debtor.email, bounced) != debtor.email
        ),
        *(
            _note("postal_address_unusable", number, "a letter to its postal address came back")
            for number, debtor in sorted(spoken_to.items())
            if postal_address(debtor) in returned
        ),
    )


def _note(code: str, number: str, what: str) -> Finding:
    return Finding(
        code=code,
        place=f"debtor {number}",
        what=f"{what}; the debtor is reached in another way, or waits",
        what_to_do="Correct the address in the accounting tool.",
    )


def _by_post(debtor: Debtor, returned: Collection[str]) -> Debtor:
    if not returned or postal_address(debtor) not in returned:
        return debtor
    return replace(debtor, street="", postcode="", city="")


def _by_mail(debtor: Debtor, bounced: Mapping[str, date]) -> Debtor:
    usable = _usable(debtor.email, bounced)
    return debtor if usable == debtor.email else replace(debtor, email=usable)


def _why(email: str, bounced: Mapping[str, date]) -> str:
    try:
        days = [bounced[one.casefold()] for one in addresses(email) if one.casefold() in bounced]
    except Refused:
        return "is no address a mail can be written to"
    return f"sent our mail back on {max(days)}"


def _usable(email: str, bounced: Mapping[str, date]) -> str:
    """Give what is left of a field of addresses: itself where each of them can be written to."""
    if not email:
        return ""
    try:
        written = addresses(email)
    except Refused:
        return ""
    good = [one for one in written if one.casefold() not in bounced]
    return email if len(good) == len(written) else ", ".join(good)
