"""A mail that came back (unzustellbare E-Mail): whom it did not reach, and whether that is for good."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounce:
    """One recipient that a mail did not reach."""

    recipient: str
    is_permanent: bool  # the address cannot be used; otherwise the server still tries, or the mailbox is full
    status: str  # 5.1.1 (RFC 3463); empty where the report has none
    says: str  # the server's own words
    message_id: str  # of the mail that came back; empty where the report does not name it
