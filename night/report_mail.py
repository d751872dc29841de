"""The report as a mail to the accountant, once a day, where a mail server is configured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from export.mail import addresses, build_report_mail
from night.report_text import report_text, subject_of
from storage.decisions import Decided, append
from storage.outbox import Effect, EffectKind, enqueue, has_effect

if TYPE_CHECKING:
    from collections.abc import Mapping

    from night.workplace import Workplace
    from storage.database import Connection


def queue_report(connection: Connection, work: Workplace, report: Mapping[str, Any]) -> str:
    """Put the report of the day into the outbox, unless it is there already or nobody asked for it; name it."""
    outbox_id = f"report-{work.run_date.isoformat()}"
    recipients = work.company.report_to
    if work.smtp is None or not recipients or has_effect(connection, work.company_id, outbox_id):
        return ""
    (sender,) = addresses(work.smtp.sender)
    raw = build_report_mail(
        subject_of(report),
        report_text(report),
        None,
        recipients,
        sender=sender,
        message_id=f"<{outbox_id}.{work.company_id}@{sender.partition('@')[2]}>",
        date=work.author.now,
    )
    (seq,) = append(connection, work.company_id, work.author, [Decided("report", {"outbox_id": outbox_id})])
    enqueue(
        connection,
        work.company_id,
        seq,
        [
            Effect(
                outbox_id=outbox_id,
                kind=EffectKind.MAIL,
                name=f"{outbox_id}.eml",
                media_type="message/rfc822",
                content=raw,
                path=f"mail/{outbox_id}.eml",
                sender=sender,
                recipients=tuple(address for recipient in recipients for address in addresses(recipient)),
            )
        ],
    )
    return outbox_id
