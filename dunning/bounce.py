"""What a delivery report (Zustellbericht) says: whom a mail did not reach and whether for good, and whom it did."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounce:
    """One recipient that a mail did not reach, or not yet."""

    recipient: str
    is_permanent: bool  # the address cannot be used; otherwise the server still tries, or the mailbox is full
    gave_up: bool  # this mail will not arrive any more, whoever is to blame; otherwise the server still tries
    status: str  # 5.1.1 (RFC 3463); empty where the report has none
    says: str  # the server's own words
    message_id: str  # of the mail that came back; empty where the report does not name it


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """One recipient whose mail server took a mail over."""

    recipient: str
    accepted_at: datetime | None  # None where the report does not say it in a form we can read
    says: str  # which server took it, in the words of the report
    message_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryReport:
    """Everything one report says."""

    bounces: tuple[Bounce, ...] = ()
    acceptances: tuple[Acceptance, ...] = ()
