"""The words of camt.052, .053 and .054: taken from ``sepa.definitions``, extended for what other versions say.

``sepa`` knows camt.053.001.06, without namespaces. We use its dictionary alone: ISO element names on one side,
words on the other. It is compiled once into tables by local name, so every version and prefix reads the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sepa.definitions import general, statement

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# These repeat, and what stands in one of them belongs together. Everything else is flat.
_GROUPS: Final = frozenset({"NtryDtls", "TxDtls", "Bal", "Chrgs", "Rcrd"})

# A text in old versions, a choice of elements in newer ones.
_TEXT_OR_CHOICE: Final = frozenset({"Sts"})


@dataclass(frozen=True, slots=True)
class Word:
    """An element we know: its dotted word (``account.id.iban``), whether it is a group, and what stands inside.

    Inside a group the words begin anew. An amount carries its currency in an attribute, which is a word as well.
    """

    word: str
    is_group: bool
    has_text: bool  # around other elements there are but blanks
    has_currency: bool
    inside: Mapping[str, Word]


def words(vocabulary: Mapping[str, Word]) -> Iterator[str]:
    """Give every word of a vocabulary that may have a text, groups excepted."""
    for known in vocabulary.values():
        if known.has_text:
            yield known.word
        if not known.is_group:
            yield from words(known.inside)


def _compile(definition: Mapping[str, Any], prefix: str = "") -> dict[str, Word]:
    compiled = {}
    for word, meaning in definition.items():
        if word.startswith("_"):
            continue
        inner = meaning[0] if isinstance(meaning, list) else meaning
        parts = {"_self": inner} if isinstance(inner, str) else inner
        tag = parts["_self"]
        is_group = tag in _GROUPS
        dotted = prefix + word
        inside = _compile(parts, "" if is_group else f"{dotted}.")
        has_text = not is_group and (not inside or tag in _TEXT_OR_CHOICE)
        compiled[tag] = Word(dotted, is_group, has_text, "_attribs" in parts, inside)
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

# Version 01 has account numbers of other kinds in elements of their own; later ones know a proxy: a phone, a mail.
_ACCOUNT: Final = {
    "id": {"bban": "BBAN", "upic": "UPIC", "proprietary": {"_self": "PrtryAcct", "id": "Id"}},
    "proxy": {"_self": "Prxy", "id": "Id"},
}

# sepa leaves charges open. Version 02 has the amount directly in Chrgs, version 04 and later in Chrgs/Rcrd.
_CHARGE: Final = {
    "amount": general.amount_field("Amt"),
    "credit_debit_indicator": "CdtDbtInd",
    "included_indicator": "ChrgInclInd",
}
_CHARGES: Final = {
    "_self": "Chrgs",
    **_CHARGE,
    "total": general.amount_field("TtlChrgsAndTaxAmt"),
    "record": {"_self": "Rcrd", **_CHARGE},
}

# sepa spells the element CccyXchg, which no version does.
_EXCHANGED: Final = {"currency_exchange": {"_self": "CcyXchg"}}
_AMOUNT_DETAILS: Final = {
    "instructed_amount": _EXCHANGED,
    "transaction_amount": _EXCHANGED,
    "counter_value_amount": _EXCHANGED,
    "announced_posting_amount": _EXCHANGED,
    "proprietary_amount": _EXCHANGED,
}

_PAYMENT_EXTENSION: Final = {
    "refs": {"uetr": "UETR"},
    "amount_details": _AMOUNT_DETAILS,
    "charges": _CHARGES,
    "related_parties": {
        "debtor": _PARTY,
        "debtor_account": _ACCOUNT,
        "ultimate_debtor": _PARTY,
        "creditor": _PARTY,
        "creditor_account": _ACCOUNT,
        "ultimate_creditor": _PARTY,
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
    "amount_details": _AMOUNT_DETAILS,
    "charges": _CHARGES,
}

_HEADER_EXTENSION: Final = {
    "account": {"owner": {**general.party("Ownr"), **_PARTY}, **_ACCOUNT},
    # sepa knows statements alone; reports and notifications are paged under names of their own.
    "report_pagination": statement.pagination("RptPgntn"),
    "notification_pagination": statement.pagination("NtfctnPgntn"),
    "from_to_date": {"from_date": "FrDt", "to_date": "ToDt"},
    # Version 02 and 03 have the net sum directly in TtlNtries.
    "transactions_summary": {
        "total_entries": {"net_amount": "TtlNetNtryAmt", "credit_debit_indicator": "CdtDbtInd"},
    },
}


def _entry() -> dict[str, Any]:
    definition: dict[str, Any] = statement.entry("Ntry")
    details = dict(definition["entry_details"][0])
    details["transaction_details"] = _extended(details["transaction_details"][0], _PAYMENT_EXTENSION)
    definition["entry_details"] = [details]
    # Version 01 has batch and payments directly in the booking.
    definition |= {"batch": details["batch"], "transaction_details": details["transaction_details"]}
    return definition


def _header() -> dict[str, Any]:
    definition: dict[str, Any] = statement.statement("Stmt")
    del definition["entries"]
    return definition


ENTRY: Final = _compile(_extended(_entry(), _ENTRY_EXTENSION))
PAYMENT: Final = ENTRY["NtryDtls"].inside["TxDtls"].inside
HEADER: Final = _compile(_extended(_header(), _HEADER_EXTENSION))
MESSAGE: Final = _compile(statement.statement_group_header("GrpHdr"))
