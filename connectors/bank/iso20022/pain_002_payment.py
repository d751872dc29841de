"""One payment that a bank rejected (Rückweisung): what pain.002 says of it, as an entry and as a finding."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

from connectors.bank.creditor_reference import creditor_references
from connectors.bank.iso20022.camt_values import exact_amount, read_day
from ledger.finding import Finding
from ledger.money import InexactAmount, Money, UnknownCurrency
from ledger.return_reasons import REASONS, in_words, what_to_do
from ledger.statement import EntryKind, EntryStatus, StatementEntry

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from lxml import etree

    # Texts by the path of local names to them (Dbtr/Pty/Nm), currencies by the path with @Ccy.
    Said = Mapping[str, list[str]]

_ORIGINAL: Final = "OrgnlTxRef"


class Reason(NamedTuple):
    """Why: a code of ISO or the bank's own, and the bank's text."""

    code: str
    told: str

    def __str__(self) -> str:
        """Give the code alone where everybody knows it, else the bank's text with it."""
        is_telling = self.code in REASONS and self.code != "NARR"
        return self.code if is_telling else f"{self.code} {self.told}".strip()


class Rejected(NamedTuple):
    """A rejected payment and what is known of it from around it."""

    status: Said  # TxInfAndSts without the original payment
    original: Said  # OrgnlTxRef: the payment as we ordered it
    collected: bool | None  # our direct debit, or our transfer; None where nobody says
    reasons: Sequence[Reason]  # its own, else those of its batch or file
    batch: str  # identification of the batch, else of the file, as we gave it
    made_on: date | None  # the day of the report
    number: int  # among the rejected payments of the report, from 1
    place: str


def local_name(element: etree._Element) -> str:
    """Give the name of an element without its namespace."""
    tag = element.tag
    return tag[tag.rfind("}") + 1 :]


def said_in(element: etree._Element | None, *without: str) -> dict[str, list[str]]:
    """Read every text below an element, except below the named children."""
    found: dict[str, list[str]] = {}
    for child in element if element is not None else ():
        if local_name(child) not in without:
            _collect(child, local_name(child), found)
    return found


def _collect(element: etree._Element, path: str, found: dict[str, list[str]]) -> None:
    if element.text and (text := element.text.strip()):
        found.setdefault(path, []).append(text)
        if currency := element.get("Ccy"):
            found.setdefault(f"{path}@Ccy", []).append(currency)
    for child in element:
        _collect(child, f"{path}/{local_name(child)}", found)


def first(said: Said, *paths: str) -> str:
    """Give the first text at the first of these paths that has any; NOTPROVIDED is none."""
    for path in paths:
        for text in said.get(path, ()):
            if text != "NOTPROVIDED":
                return _in_one_line(text)
    return ""


def _in_one_line(text: str) -> str:
    return " ".join(text.split())


def payment_in(element: etree._Element) -> tuple[Said, Said]:
    """Read a payment: what the bank says of it, and the payment as we ordered it."""
    return said_in(element, _ORIGINAL), said_in(element.find(f"{{*}}{_ORIGINAL}"))


def reasons_in(element: etree._Element) -> tuple[Reason, ...]:
    """Read the reasons beside a status, each with its own text."""
    told = (said_in(reason) for reason in element.iterchildren("{*}StsRsnInf"))
    reasons = (
        Reason(first(said, "Rsn/Cd", "Rsn/Prtry"), _in_one_line(" ".join(said.get("AddtlInf", ())))) for said in told
    )
    return tuple(reason for reason in reasons if any(reason))


def is_collected(message: str, original: Said) -> bool | None:
    """Whether it was a direct debit of ours (pain.008) or a transfer (pain.001); None where nothing says so.

    Banks write the message's name in full, in part, or not at all. Then the payment itself must tell.
    """
    if "pain.008" in message.lower() or first(original, "PmtMtd") == "DD":
        return True
    if "pain.001" in message.lower() or first(original, "PmtMtd"):
        return False
    if any(path.startswith(_OF_COLLECTIONS) for path in original):
        return True
    return False if any(path.startswith("ReqdExctnDt") for path in original) else None


_OF_COLLECTIONS: Final = ("MndtRltdInf/MndtId", "MndtRltdInf/DrctDbtMndt/", "CdtrSchmeId/", "ReqdColltnDt")


def our_account(original: Said, *, collected: bool | None) -> str:
    """Give our own account: where the direct debit was to arrive, or where the transfer was to leave."""
    return _account(original, "Cdtr" if collected else "Dbtr") if collected is not None else ""


def written_amount(original: Said) -> tuple[str, str]:
    """Give amount and currency as written: as we ordered it, else as the banks would have settled it."""
    for path in ("Amt/InstdAmt", "Amt/EqvtAmt/Amt", "IntrBkSttlmAmt"):
        if text := first(original, path):
            return text, first(original, f"{path}@Ccy")
    return "", ""


def entry_of(rejected: Rejected) -> StatementEntry | None:
    """Give the rejected payment as a pending entry; None where account, amount, day or direction are not known.

    A direct debit that does not come leaves a hole (negative), a transfer that does not go stays with us (positive).
    """
    original, collected = rejected.original, rejected.collected
    account, amount, day = our_account(original, collected=collected), _amount(rejected), _day(rejected)
    if not account or amount is None or day is None:
        return None
    other, ours = ("Dbtr", "Cdtr") if collected else ("Cdtr", "Dbtr")
    text = _Text.of(original)
    return StatementEntry(
        account=account,
        booking_date=day,
        amount=-amount if collected else amount,
        kind=EntryKind.RETURNED_DEBIT if collected else EntryKind.RETURNED_TRANSFER,
        status=EntryStatus.PENDING,
        payer_name=_name(original, other),
        payer_iban=_account(original, other),
        payer_bic=first(original, f"{other}Agt/FinInstnId/BICFI", f"{other}Agt/FinInstnId/BIC"),
        ultimate_name=_name(original, f"Ultmt{other}"),
        ultimate_own_name=_name(original, f"Ultmt{ours}"),
        remittance=text.remittance,
        remittance_glued=text.glued,
        references=text.references,
        end_to_end_id=first(rejected.status, "OrgnlEndToEndId"),
        mandate_id=_mandate(original),
        creditor_id=_creditor_id(original),
        bank_reference=first(rejected.status, "AcctSvcrRef"),
        return_reason=str(rejected.reasons[0]) if rejected.reasons else "",
        purpose_code=first(original, "Purp/Cd"),
        batch_reference=rejected.batch,
        transaction_id=first(rejected.status, "OrgnlUETR", "OrgnlTxId", "OrgnlInstrId"),
        # What was rejected of one batch the bank may book in one sum.
        booking_ref=rejected.batch or str(rejected.number),
        position=rejected.number - 1 if rejected.batch else 0,
        place=rejected.place,
    )


def finding_of(rejected: Rejected) -> Finding:
    """Tell the accountant of a rejected payment, with everything the bank said of it."""
    code, payment, towards, _ = _WORDS[rejected.collected]
    written, currency = written_amount(rejected.original)
    amount = _amount(rejected)
    what = f"the bank rejected {payment} of {amount or f'{written} {currency}'.strip() or 'an unknown amount'}"
    if name := _name(rejected.original, "Cdtr" if rejected.collected is False else "Dbtr"):
        what += f" {towards} {name}"
    missing = _missing(rejected)
    return Finding(
        code=code,
        place=rejected.place,
        what=f"{what}: {reasons_in_words(rejected.reasons)}" + (f"; no entry, because {missing}" if missing else ""),
        what_to_do=advice(rejected.reasons, collected=rejected.collected),
        excerpt=", ".join(f"{label} {text}" for label, text in _details(rejected) if text),
    )


def reasons_in_words(reasons: Sequence[Reason]) -> str:
    """Say all reasons in one sentence."""
    return "; ".join(in_words(reason.code, reason.told) for reason in reasons) or in_words("")


def advice(reasons: Sequence[Reason], *, collected: bool | None) -> str:
    """Say what to do: for collections by the first reason that is known, for everything else by what it was."""
    if not collected:
        return _WORDS[collected].what_to_do
    return what_to_do(next((reason.code for reason in reasons if reason.code in REASONS), ""))


class _Words(NamedTuple):
    code: str
    payment: str
    towards: str
    what_to_do: str


_WORDS: Final[Mapping[bool | None, _Words]] = MappingProxyType(
    {
        True: _Words("direct_debit_rejected", "the direct debit", "from", ""),
        False: _Words(
            "transfer_rejected", "our transfer", "to", "Nothing was paid. Correct the order and send it again."
        ),
        None: _Words(
            "payment_rejected",
            "a payment",
            "with the debtor",
            "Look up in the banking software what it was; the bank does not say whether it collects or pays.",
        ),
    }
)


class _Text(NamedTuple):
    """The purpose for reading, the same without any joint, and the references in it."""

    remittance: str
    glued: str
    references: tuple[str, ...]

    @classmethod
    def of(cls, original: Said) -> _Text:
        written = [
            *("".join(reference.split()) for reference in original.get("RmtInf/Strd/CdtrRefInf/Ref", ())),
            *original.get("RmtInf/Strd/RfrdDocInf/Nb", ()),
        ]
        lines = original.get("RmtInf/Ustrd") or original.get("RmtInf/Strd/AddtlRmtInf") or written
        remittance = _in_one_line(" ".join(lines))
        glued = "".join(part.strip() for line in lines for part in line.splitlines())
        return cls(remittance, glued, tuple(dict.fromkeys((*written, *creditor_references(remittance, glued)))))


def _amount(rejected: Rejected) -> Money | None:
    try:
        return exact_amount(*written_amount(rejected.original))
    except (InexactAmount, UnknownCurrency):
        return None  # the finding shows what was written


def _day(rejected: Rejected) -> date | None:
    """Give the day on which it should have been booked, else the day of the report."""
    dates = ("ReqdColltnDt", "ReqdExctnDt", "ReqdExctnDt/Dt", "ReqdExctnDt/DtTm", "IntrBkSttlmDt")
    days = (read_day(first(rejected.original, path)) for path in dates)
    return next((day for day in days if day is not None), rejected.made_on)


def _name(original: Said, side: str) -> str:
    return first(original, f"{side}/Nm", f"{side}/Pty/Nm", f"{side}/Agt/FinInstnId/Nm")


def _account(original: Said, side: str) -> str:
    return "".join(first(original, f"{side}Acct/Id/IBAN", f"{side}Acct/Id/Othr/Id").split())


def _mandate(original: Said) -> str:
    return first(original, "MndtRltdInf/MndtId", "MndtRltdInf/DrctDbtMndt/MndtId")


def _creditor_id(original: Said) -> str:
    return first(original, "CdtrSchmeId/Id/PrvtId/Othr/Id", "CdtrSchmeId/Id/OrgId/Othr/Id")


def _missing(rejected: Rejected) -> str:
    if rejected.collected is None:
        return "the bank does not say whether it was a direct debit or a transfer"
    if not our_account(rejected.original, collected=rejected.collected):
        return "the bank does not name our account"
    if _amount(rejected) is None:
        return "the bank gives no amount in a currency we know"
    return "" if _day(rejected) is not None else "the bank gives no date"


def _details(rejected: Rejected) -> tuple[tuple[str, str], ...]:
    status, original = rejected.status, rejected.original
    day = _day(rejected)
    return (
        ("end-to-end id", first(status, "OrgnlEndToEndId")),
        ("mandate", _mandate(original)),
        ("creditor id", _creditor_id(original)),
        ("batch", rejected.batch),
        ("instruction", first(status, "OrgnlInstrId")),
        ("UETR", first(status, "OrgnlUETR")),
        ("bank reference", first(status, "AcctSvcrRef")),
        ("day", day.isoformat() if day else ""),
        ("debtor account", _account(original, "Dbtr")),
        ("creditor account", _account(original, "Cdtr")),
        ("charge", " ".join((first(status, "ChrgsInf/Amt"), first(status, "ChrgsInf/Amt@Ccy"))).strip()),
        ("text", _in_one_line(" ".join(original.get("RmtInf/Ustrd", ())))),
    )
