"""Bounces (Unzustellbarkeitsberichte): the reports mail servers send back, read as facts (RFC 3464)."""

from __future__ import annotations

import email
import re
from email import policy
from email.errors import MessageError
from email.message import Message
from typing import TYPE_CHECKING, Final

from dunning.bounce import Bounce
from ledger.errors import Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import EmailMessage

# "x-" is ours to ignore; "delayed" and "relayed" say nothing for good, "delivered" and "expanded" are good news.
_BAD: Final = frozenset({"failed", "delayed"})
_STATUS: Final = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")


def read_bounces(raw: bytes, place: str) -> tuple[Bounce, ...]:
    """Read a report (.eml); give nothing for a mail that is none, such as an answer or an absence notice.

    Raises Unreadable where it claims to be a report and cannot be read as one.
    """
    try:
        message = email.message_from_bytes(raw, policy=policy.default)
    except (MessageError, ValueError, UnicodeError) as error:
        raise Unreadable(f"{place}: this is no mail we can read ({error})") from error
    if message.get_content_type() != "multipart/report" or message.get_param("report-type") != "delivery-status":
        return ()
    status = next((part for part in message.walk() if part.get_content_type() == "message/delivery-status"), None)
    blocks = status.get_payload() if status is not None else None
    if not isinstance(blocks, list):
        raise Unreadable(f"{place}: a delivery report without the part that says what was not delivered")
    message_id = _message_id(message)
    # The first block is about the server; each following one about a recipient (RFC 3464, 2.1).
    return tuple(_bounces([block for block in blocks[1:] if isinstance(block, Message)], message_id))


def _bounces(blocks: list[Message], message_id: str) -> Iterator[Bounce]:
    for block in blocks:
        action = str(block.get("Action", "")).strip().casefold()
        recipient = _address(str(block.get("Original-Recipient") or block.get("Final-Recipient") or ""))
        if action not in _BAD or not recipient:
            continue
        says = " ".join(str(block.get("Diagnostic-Code", "")).partition(";")[2].split())
        found = _STATUS.search(str(block.get("Status", "")))
        status = found.group(1) if found else ""
        yield Bounce(
            recipient=recipient,
            is_permanent=action == "failed" and _is_permanent(status),
            status=status,
            says=says[:500],
            message_id=message_id,
        )


def _is_permanent(status: str) -> bool:
    """Whether the address is to blame: 5.x, but neither a full mailbox (x.2.2) nor rejected content (x.6, x.7)."""
    detail = status.partition(".")[2]
    return (not status or status.startswith("5.")) and not detail.startswith(("2.2", "3.", "4.", "6.", "7."))


def _address(field: str) -> str:
    # rfc822;rechnung@kunde.example
    return field.rpartition(";")[2].strip().strip("<>")


def _message_id(message: EmailMessage) -> str:
    """Give the Message-ID of the mail that came back: reports return its headers or all of it."""
    for part in message.walk():
        kind = part.get_content_type()
        if kind == "message/rfc822":
            return next((str(m.get("Message-ID", "")).strip() for m in part.iter_parts()), "")
        if kind == "text/rfc822-headers":
            headers = email.message_from_string(str(part.get_content()), policy=policy.default)
            return str(headers.get("Message-ID", "")).strip()
    return ""
