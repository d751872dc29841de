"""The words of camt.052, .053 and .054: taken from ``sepa.definitions``, extended for what other versions say.

``sepa`` knows camt.053.001.06, without namespaces. We use its dictionary alone: ISO element names on one side,
words on the other. It is compiled once into a table by local name, so every version and prefix reads the same.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from sepa.definitions import general, statement

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lxml import etree

# These repeat, and what stands in one of them belongs together. Everything else is flat.
_GROUPS: Final = frozenset({"TxDtls", "Bal", "Chrgs", "Rcrd"})


@dataclass(slots=True)
class Record:
    """What one XML element said: texts by dotted words (``account.id.iban``), and the records of its groups."""

    line: int
    texts: dict[str, list[str]] = field(default_factory=dict)
    groups: dict[str, list[Record]] = field(default_factory=dict)

    def text(self, *words: str) -> str:
        """Give the first text under the first of these words that was said at all; else the empty string."""
        for word in words:
            if found := self.texts.get(word):
                return found[0]
        return ""

    def all_texts(self, *words: str) -> tuple[str, ...]:
        """Give every text under any of these words."""
        return tuple(text for word in words for text in self.texts.get(word, ()))

    def group(self, word: str) -> list[Record]:
        """Give the records of a group, in the order of the file."""
        return self.groups.get(word, [])


@dataclass(frozen=True, slots=True)
class _Element:
    """An element we know: its dotted word, whether it is a group, where its currency goes, what stands inside."""

    word: str
    is_group: bool
    currency_word: str
    inside: Mapping[str, _Element]


def record_of(element: etree._Element, vocabulary: Mapping[str, _Element]) -> Record:
    """Read an element into a record; elements that the vocabulary does not know are passed over."""
    line: Any = element.sourceline  # the stubs do not say that it is a number
    record = Record(line or 0)
    _fill(record, element, vocabulary)
    return record


def _fill(record: Record, element: etree._Element, vocabulary: Mapping[str, _Element]) -> None:
    for child in element:
        tag = child.tag
        known = vocabulary.get(tag[tag.rfind("}") + 1 :])
        if known is None:
            continue
        if known.is_group:
            record.groups.setdefault(known.word, []).append(record_of(child, known.inside))
            continue
        text = child.text
        if text and (text := text.strip()):
            record.texts.setdefault(known.word, []).append(text)
            if known.currency_word and (currency := child.get("Ccy")):
                record.texts.setdefault(known.currency_word, []).append(currency)
        if known.inside:
            _fill(record, child, known.inside)


def _compile(definition: Mapping[str, Any], prefix: str = "") -> dict[str, _Element]:
    compiled = {}
    for word, meaning in definition.items():
        if word.startswith("_"):
            continue
        inner = meaning[0] if isinstance(meaning, list) else meaning
        parts = {"_self": inner} if isinstance(inner, str) else inner
        tag = parts["_self"]
        is_group = tag in _GROUPS
        dotted = prefix + word
        compiled[tag] = _Element(
            word=dotted,
            is_group=is_group,
            currency_word=f"{dotted}.currency" if "_attribs" in parts else "",
            inside=_compile(parts, "" if is_group else f"{dotted}."),
        )
    return compiled


def _extended(definition: Mapping[str, Any], extension: Mapping[str, Any]) -> dict[str, Any]:
    """Add words to a definition, or to what stands inside one of its words."""
    result = dict(definition)
    for word, meaning in extension.items():
        known = result.get(word)
        inner = known[0] if isinstance(known, list) else known
        if inner is None or not isinstance(meaning, dict):
            result[word] = meaning
        else:
            result[word] = _extended({"_self": inner} if isinstance(inner, str) else inner, meaning)
    return result


# From version 08 on a party is a choice between Pty and Agt; before, its name stands in the party itself.
_PARTY: Final = {"party": general.party("Pty"), "agent": general.agent("Agt")}

# sepa leaves charges open. Version 02 has the amount directly in Chrgs, version 04 and later in Chrgs/Rcrd.
_CHARGE: Final = {
    "amount": general.amount_field("Amt"),
    "credit_debit_indicator": "CdtDbtInd",
    "included_indicator": "ChrgInclInd",
}
_CHARGES: Final = {
    **_CHARGE,
    "total": general.amount_field("TtlChrgsAndTaxAmt"),
    "record": {"_self": "Rcrd", **_CHARGE},
}

_TRANSACTION_EXTENSION: Final = {
    "charges": {"_self": "Chrgs", **_CHARGES},
    "related_parties": {
        "debtor": _PARTY,
        "creditor": _PARTY,
        "ultimate_debtor": _PARTY,
        "ultimate_creditor": _PARTY,
        "initiating_party": _PARTY,
    },
    "remittance_information": {
        "structured": {
            "creditor_reference": {"_self": "CdtrRefInf", "reference": "Ref", "old_reference": "CdtrRef"},
            "referred_document": {"_self": "RfrdDocInf", "number": "Nb", "old_number": "RfrdDocNb"},
            "additional_information": ["AddtlRmtInf"],
        },
    },
    "return_information": {"additional_information": ["AddtlInf"]},
}

_ENTRY_EXTENSION: Final = {
    # A plain code until version 07, a choice from version 08 on.
    "status": {"code": "Cd", "proprietary": "Prtry"},
    "charges": {"_self": "Chrgs", **_CHARGES},
    "entry_details": {"transaction_details": _TRANSACTION_EXTENSION},
}

_HEADER_EXTENSION: Final = {
    "account": {"owner": {**general.party("Ownr"), **_PARTY}},
}


def _header() -> dict[str, Any]:
    definition: dict[str, Any] = statement.statement("Stmt")
    del definition["entries"]  # entries are read one by one and forgotten
    return definition


ENTRY: Final = _compile(_extended(statement.entry("Ntry"), _ENTRY_EXTENSION))
HEADER: Final = _compile(_extended(_header(), _HEADER_EXTENSION))
