"""The clues (Indizien) of one entry in order: what names which item, and what points to which debtor."""

from __future__ import annotations

from collections import defaultdict
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from ledger.text import squeeze
from reconciliation.weights import END_TO_END_ID, LISTED_NUMBER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ledger.open_item import OpenItem
    from reconciliation.index import Index
    from reconciliation.interpretation import Hypothesis
    from reconciliation.other_money.label import OtherMoney
    from reconciliation.outcome import Evidence
    from reconciliation.reading import Found, Reading

NAMING: Final = frozenset({"structured_reference", "end_to_end_id", "document_number"})  # names an item beyond doubt


class Naming(StrEnum):
    """How an item is named, or the weakest named one of a set; best first."""

    STRUCTURED = "structured"  # reference with check digits, or our own end-to-end id
    NUMBER = "number"  # document number in full
    LISTED = "listed"  # completed from the number before it
    RANGE = "range"  # lies between two numbers in the text
    ORDER = "order"
    RUNNING = "running"  # running part of the document number
    NEARLY = "nearly"  # one slip away from what was written
    NONE = "none"


class Payer(StrEnum):
    """How the payer fits the debtor of a set."""

    KNOWN = "known"  # the debtor's own account
    SAME_NAME = "same_name"
    SIMILAR_NAME = "similar_name"
    PAID_FOR = "paid_for"  # somebody else, who has paid for this debtor before
    MENTIONED = "mentioned"  # somebody else, and the debtor's whole name stands in the text
    SHARED = "shared"  # an account of several debtors, this one among them
    CUSTOMER_NUMBER = "customer_number"  # nothing but the customer number in the text
    UNKNOWN = "unknown"
    OTHER = "other"  # the account of another debtor


NAMED_IN_FULL: Final = frozenset({Naming.STRUCTURED, Naming.NUMBER, Naming.LISTED})

_RANK: Final = {naming: rank for rank, naming in enumerate(Naming)}
_WEAKER: Final = {
    "order_number": Naming.ORDER,
    "number_range": Naming.RANGE,
    "running_number": Naming.RUNNING,
    "nearly_number": Naming.NEARLY,
    "structured_reference": Naming.ORDER,  # a short one, without check digits
}
_FITS: Final = (
    ("mandate", Payer.KNOWN),
    ("known_payer", Payer.KNOWN),
    ("payer_name", Payer.SAME_NAME),
    ("similar_name", Payer.SIMILAR_NAME),
    ("payment_service", Payer.SIMILAR_NAME),
    ("paid_for", Payer.PAID_FOR),
    ("payer_in_text", Payer.MENTIONED),
    ("shared_payer", Payer.SHARED),
    ("customer_number", Payer.CUSTOMER_NUMBER),
)


class Clues:
    """All clues of one entry, filed once; every hypothesis asks them."""

    __slots__ = (
        "_index",
        "_namings",
        "_payers",
        "evidence",
        "named",
        "named_ids",
        "of_debtor",
        "of_item",
        "other_money",
        "owners",
        "settled",
        "unknown",
    )

    def __init__(
        self, evidence: Sequence[Evidence], index: Index, reading: Reading, other_money: OtherMoney | None = None
    ) -> None:
        self.evidence = evidence
        self.other_money = other_money  # what it may be instead of the payment of a debtor
        self._index = index
        # Kept until the end of the night, unlike the whole reading of every payment.
        self.unknown = reading.unknown  # numbers that look like ours
        mentioned = [index.items[item_id] for found in reading.known for item_id in found.item_ids]
        self.settled = tuple([item for item in mentioned if not item.open_amount.minor])  # that the text may name
        self.of_item: defaultdict[str, list[Evidence]] = defaultdict(list)
        self.of_debtor: defaultdict[str, set[str]] = defaultdict(set)
        for clue in evidence:
            if clue.item_id:
                self.of_item[clue.item_id].append(clue)
            if clue.debtor_number:
                self.of_debtor[clue.debtor_number].add(clue.rule)
        named = dict.fromkeys([clue.item_id for clue in evidence if clue.rule in NAMING])
        # The items named beyond doubt, settled ones too, in the order of their naming.
        self.named: tuple[OpenItem, ...] = tuple([index.items[item_id] for item_id in named])
        self.named_ids = frozenset(named)
        self.owners = frozenset([clue.debtor_number for clue in evidence if clue.rule == "known_payer"])
        # Asked again and again for each hypothesis.
        self._namings: dict[tuple[str, ...], Naming] = {}
        self._payers: dict[tuple[str, ...], Payer] = {}

    def naming(self, item_ids: tuple[str, ...]) -> Naming:
        """Say how the least well named item of a set is named."""
        known = self._namings.get(item_ids)
        if known is None:
            namings = [self.naming_of(item_id) for item_id in item_ids]
            known = self._namings[item_ids] = max(namings, key=_RANK.__getitem__, default=Naming.NONE)
        return known

    def naming_of(self, item_id: str) -> Naming:
        """Say how one item is named, by its best clue."""
        namings = [_naming_by(clue) for clue in self.of_item.get(item_id, ())]
        return min(namings, key=_RANK.__getitem__, default=Naming.NONE)

    def payer(self, debtors: tuple[str, ...]) -> Payer:
        """Say how the payer fits some debtors; a set of several debtors fits nobody."""
        known = self._payers.get(debtors)
        if known is None:
            known = self._payers[debtors] = self._payer_of(debtors)
        return known

    def unexplained(self, hypothesis: Hypothesis) -> list[Found]:
        """Keep the unknown numbers that a hypothesis does not explain.

        It explains the number of its customer or its order, and one that is a slip of the finger away from its own.
        """
        return [one for one in self.unknown if not self._explains(hypothesis, one)]

    def named_besides(self, hypothesis: Hypothesis) -> list[OpenItem]:
        """Give the named items that a hypothesis neither settles nor takes for a slip of the finger.

        Only the document of somebody else is taken for one: of his own ones a payer may mean each.
        """
        besides = [item for item in self.named if item.item_id not in hypothesis.item_ids]
        if not besides:
            return besides
        slips = self._slips(hypothesis)
        return [
            item for item in besides if item.debtor_number in hypothesis.debtors or not slips & self._spans_of(item)
        ]

    def _payer_of(self, debtors: tuple[str, ...]) -> Payer:
        if self.owners and self.owners.isdisjoint(debtors):
            return Payer.OTHER
        if len(debtors) != 1 or debtors[0] not in self.of_debtor:
            return Payer.UNKNOWN
        rules = self.of_debtor[debtors[0]]
        return next((payer for rule, payer in _FITS if rule in rules), Payer.UNKNOWN)

    def _explains(self, hypothesis: Hypothesis, found: Found) -> bool:
        number = squeeze(found.text)
        if self._index.customer_numbers.get(number) in hypothesis.debtors:
            return True
        if not set(hypothesis.item_ids).isdisjoint(self._index.orders.get(number, ())):
            return True
        return found.span in self._slips(hypothesis)

    def _slips(self, hypothesis: Hypothesis) -> set[tuple[int, int] | None]:
        """Give where in the text numbers stand that are one slip away from those of a hypothesis."""
        return {
            clue.span
            for item_id in hypothesis.item_ids
            for clue in self.of_item.get(item_id, ())
            if clue.rule == "nearly_number" and clue.span is not None
        }

    def _spans_of(self, item: OpenItem) -> set[tuple[int, int] | None]:
        return {clue.span for clue in self.of_item[item.item_id] if clue.rule in NAMING}


def _naming_by(clue: Evidence) -> Naming:
    if clue.rule in NAMING and clue.strength >= END_TO_END_ID:
        return Naming.STRUCTURED
    if clue.rule == "document_number":
        return Naming.NUMBER if clue.strength > LISTED_NUMBER else Naming.LISTED
    return _WEAKER.get(clue.rule, Naming.NONE)
