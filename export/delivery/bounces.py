"""Delivery reports (Zustellberichte): what mail servers tell of a mail, read as facts (RFC 3464, RFC 6533)."""

from __future__ import annotations

import email
import re
from email import policy
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final

from dunning.bounce import Acceptance, Bounce, DeliveryReport
from ledger.errors import Unreadable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

# "delayed" only warns, but an accountant likes to know. "expanded" is a mailing list: nobody's own mailbox.
_BAD: Final = frozenset({"failed", "delayed"})
# "relayed": handed to a server that sends no reports of its own (RFC 3464, 2.3.3), in practice the recipient's.
_GOOD: Final = frozenset({"delivered", "relayed"})
_STATUS: Final = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_BAD_ADDRESS: Final = re.compile(r"5\.1\.(?![78]$)\d{1,3}")  # 5.1.7 and 5.1.8 complain of the sender
_MESSAGE_ID: Final = re.compile(r"<[^<>\s]{1,250}>")
_FACTS: Final = frozenset({"message/delivery-status", "message/global-delivery-status"})
_RETURNED: Final = frozenset({"message/rfc822", "message/global"})
_RETURNED_HEADERS: Final = frozenset({"text/rfc822-headers", "message/global-headers"})
_MOST_RECIPIENTS: Final = 100
_MOST_WORDS: Final = 500


def read_report(raw: bytes, place: str) -> DeliveryReport | None:
    """Read a report (.eml); None for a mail that is none, such as an answer, an absence note or a read receipt.

    Only the report's own parts are read, never what a returned mail may hold inside. Raises Unreadable where it
    claims to be a report and cannot be read as one.
    """
    try:
        # The plain policy keeps headers as they came: the clever one parses them, and stumbles over hostile ones.
        message = email.message_from_bytes(raw, policy=policy.compat32)
        return _report(message, place)
    except (MessageError, ValueError, LookupError, RecursionError) as error:
        raise Unreadable(f"{place}: this is no mail we can read ({str(error) or type(error).__name__})") from error


def _report(message: Message, place: str) -> DeliveryReport | None:
    kind = _text(message.get_param("report-type")).casefold()
    if message.get_content_type() != "multipart/report" or kind != "delivery-status":
        return None
    parts = _parts(message)
    facts = next((part for part in parts if part.get_content_type() in _FACTS), None)
    # The first block is about the server; each following one about a recipient (RFC 3464, 2.1).
    blocks = _parts(facts)[1:] if facts is not None else []
    if not blocks:
        raise Unreadable(f"{place}: a delivery report without the part that says what was not delivered")
    if len(blocks) > _MOST_RECIPIENTS:
        raise Unreadable(f"{place}: a delivery report about {len(blocks)} recipients is about no mail of ours")
    message_id = _message_id(parts)
    bounces = tuple(bounce for block in blocks if (bounce := _bounce(block, message_id)))
    acceptances = tuple(good for block in blocks if (good := _acceptance(block, message_id)))
    return DeliveryReport(bounces=bounces, acceptances=acceptances)


def refused_at_the_door(recipient: str, answer: str) -> Bounce | None:
    """Read our own server's answer to a recipient; None where it does not say that the address is to blame.

    Only a status code says that (550 5.1.1 no such mailbox): a bare 550 may complain of us.
    """
    found = _STATUS.search(answer)
    if found is None or not _is_permanent(found.group(1)):
        return None
    return Bounce(
        recipient=recipient,
        is_permanent=True,
        gave_up=True,
        status=found.group(1),
        says=answer[:_MOST_WORDS],
        message_id="",
    )


def _bounce(block: Message, message_id: str) -> Bounce | None:
    action, recipient = _field(block, "Action").casefold(), _recipient(block)
    if action not in _BAD or not recipient:
        return None
    status = _status(block)
    gave_up = action == "failed"
    return Bounce(
        recipient=recipient,
        is_permanent=gave_up and _is_permanent(status),
        gave_up=gave_up,
        status=status,
        says=_diagnosis(block),
        message_id=message_id,
    )


def _acceptance(block: Message, message_id: str) -> Acceptance | None:
    action, recipient = _field(block, "Action").casefold(), _recipient(block)
    if action not in _GOOD or not recipient or _status(block)[:1] not in {"", "2"}:
        return None
    server = _after_type(_field(block, "Remote-MTA"))
    says = " ".join(part for part in (action, f"by {server}" if server else "", _diagnosis(block)) if part)
    return Acceptance(
        recipient=recipient,
        accepted_at=_moment(_field(block, "Last-Attempt-Date")),
        says=says[:_MOST_WORDS],
        message_id=message_id,
    )


def _is_permanent(status: str) -> bool:
    """Whether the address is to blame (RFC 3463): 5.1 but not our sender, a closed mailbox, a domain without a route.

    Not to blame is it for a full mailbox (5.2.2), too large or unwanted content (5.2.3, 5.3, 5.6, 5.7), a network.
    """
    return not status or status in {"5.0.0", "5.2.0", "5.2.1", "5.4.4"} or _BAD_ADDRESS.fullmatch(status) is not None


def _status(block: Message) -> str:
    found = _STATUS.search(_field(block, "Status"))
    return found.group(1) if found else ""


def _diagnosis(block: Message) -> str:
    return " ".join(_after_type(_field(block, "Diagnostic-Code")).split())[:_MOST_WORDS]


def _recipient(block: Message) -> str:
    # rfc822;rechnung@kunde.example
    written = _field(block, "Original-Recipient") or _field(block, "Final-Recipient")
    return _after_type(written).strip("<>").strip()


def _after_type(field: str) -> str:
    kind, semicolon, value = field.partition(";")
    return (value if semicolon else kind).strip()


def _moment(written: str) -> datetime | None:
    """Read a date with its time zone; a report that has none, or nonsense, proves no hour."""
    try:
        moment = parsedate_to_datetime(written)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None


def _message_id(parts: Sequence[Message]) -> str:
    """Give the Message-ID of the mail that came back: reports return its headers or all of it."""
    for part in parts:
        kind = part.get_content_type()
        if kind in _RETURNED:
            return next((_named(returned) for returned in _parts(part)), "")
        if kind in _RETURNED_HEADERS:
            payload = part.get_payload(decode=True)
            headers = payload if isinstance(payload, bytes) else b""
            return _named(email.message_from_bytes(headers, policy=policy.compat32))
    return ""


def _named(message: Message) -> str:
    found = _MESSAGE_ID.search(_field(message, "Message-ID"))
    return found.group() if found else ""


def _parts(message: Message) -> list[Message]:
    payload = message.get_payload()
    return [part for part in payload if isinstance(part, Message)] if isinstance(payload, list) else []


def _field(message: Message, name: str) -> str:
    return _text(message.get(name, ""))


def _text(value: object) -> str:
    """Write a header as one line of text; bytes that no character set explains become question marks."""
    text = str(make_header(decode_header(str(value or ""))))
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
