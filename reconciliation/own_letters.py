"""Our own letters (eigene Schreiben): which items the reference of each names, as its payer was asked to write it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from ledger.text import squeeze

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ledger.open_item import OpenItem


class OwnLetter(NamedTuple):
    """A letter that was really sent, with what it asked to be paid."""

    number: str  # M-2026-00012
    reference: str  # the creditor reference printed on it (RF, ISO 11649)
    item_ids: tuple[str, ...]


NO_LETTERS: Final[Sequence[OwnLetter]] = ()


def by_reference(letters: Iterable[OwnLetter], items: Mapping[str, OpenItem]) -> dict[str, OwnLetter]:
    """File letters by their references, squeezed, each with the items it still asks for.

    What was settled since is not asked any more. Where nothing is left, all of them stay named: the payment then is a
    second one, and says so.
    """
    filed = {}
    for letter in letters:
        known = tuple(item_id for item_id in letter.item_ids if item_id in items)
        still_open = tuple(item_id for item_id in known if items[item_id].open_amount)
        if known:
            filed[squeeze(letter.reference)] = letter._replace(item_ids=still_open or known)
    return filed
