"""Reaching a debtor (Erreichbarkeit): which channel can be used, and what is missing for the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dunning.notice import Channel

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ledger.debtor import Debtor

# The facts a channel needs, in an accountant's words; the agency searches for addresses itself.
_NEEDS: Final[Mapping[Channel, Mapping[str, Callable[[Debtor], str]]]] = {
    Channel.EMAIL: {"e-mail address": lambda debtor: debtor.email},
    Channel.LETTER: {
        "name": lambda debtor: debtor.name,
        "postcode": lambda debtor: debtor.postcode,
        "city": lambda debtor: debtor.city,
    },
    Channel.CALL: {"telephone number": lambda debtor: debtor.phone},
    Channel.AGENCY: {},
}


def missing_for(debtor: Debtor, channel: Channel) -> tuple[str, ...]:
    """Name the master data a channel needs and the debtor lacks."""
    return tuple(fact for fact, given in _NEEDS[channel].items() if not given(debtor).strip())


def postal_address(debtor: Debtor) -> str:
    """Write the postal address as one line in small letters, to know it again once a letter came back from it."""
    lines = (debtor.street, debtor.postcode, debtor.city, debtor.country)
    return ", ".join(" ".join(line.split()).casefold() for line in lines)


def address_for(debtor: Debtor, channel: Channel) -> str:
    """Write where a notice by this channel goes, to tell whether that changed before it was sent."""
    match channel:
        case Channel.EMAIL:
            return debtor.email.strip().casefold()
        case Channel.LETTER:
            return postal_address(debtor)
        case Channel.CALL:
            return debtor.phone.strip()
        case Channel.AGENCY:
            return ""  # the agency searches for addresses itself


def channel_for(debtor: Debtor, channels: Sequence[Channel]) -> Channel:
    """Choose the first channel that reaches the debtor; where none does, the preferred one, and the gate speaks."""
    return next((channel for channel in channels if not missing_for(debtor, channel)), channels[0])
