"""Capabilities (Fähigkeiten): what a tool can do for us; the rest of the house adapts to what it cannot."""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping


class Capability(StrEnum):
    """What a tool can do for us; the rest of the house adapts to what it cannot."""

    READS_OPEN_AMOUNTS = "reads_open_amounts"  # reports what is still open, not only what was invoiced
    READS_DEBTORS = "reads_debtors"
    READS_CREDIT_NOTES = "reads_credit_notes"
    READS_SKONTO = "reads_skonto"  # terms of early payment stand in the document
    READS_CHANGES = "reads_changes"  # gives what changed since a moment
    READS_ONE_ITEM = "reads_one_item"  # a single document can be read again, just before it is dunned
    BOOKS_PAYMENTS = "books_payments"  # can be told that an invoice is paid
    BOOKS_PART_PAYMENTS = "books_part_payments"
    BOOKS_DIFFERENCES = "books_differences"  # Skonto, small differences and bank charges close the rest
    SETS_DUNNING_LEVELS = "sets_dunning_levels"
    CREATES_DUNNING_DOCUMENTS = "creates_dunning_documents"
    SENDS_WEBHOOKS = "sends_webhooks"
    REPEATS_SAFELY = "repeats_safely"  # a write with the same key is done once, however often it is said


MEANING: Final[Mapping[Capability, str]] = MappingProxyType(
    {
        Capability.READS_OPEN_AMOUNTS: "open amounts",
        Capability.READS_DEBTORS: "debtors",
        Capability.READS_CREDIT_NOTES: "credit notes",
        Capability.READS_SKONTO: "Skonto terms",
        Capability.READS_CHANGES: "changes since",
        Capability.READS_ONE_ITEM: "one item again",
        Capability.BOOKS_PAYMENTS: "books payments",
        Capability.BOOKS_PART_PAYMENTS: "part payments",
        Capability.BOOKS_DIFFERENCES: "Skonto and differences",
        Capability.SETS_DUNNING_LEVELS: "dunning levels",
        Capability.CREATES_DUNNING_DOCUMENTS: "dunning documents",
        Capability.SENDS_WEBHOOKS: "webhooks",
        Capability.REPEATS_SAFELY: "safe repetition",
    }
)
