"""The report as a mail to the accountant, once a day, where a mail server is configured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import structlog

from export.delivery import send_mail
from export.mail import addresses, build_report_mail
from ledger.errors import ConnectorError
from night.report_text import report_text, subject_of
from storage.decisions import Decided, append
from storage.outbox import Effect, EffectKind, enqueue, has_effect

if TYPE_CHECKING:
    from collections.abc import Mapping

    from export.delivery import SmtpSettings
    from night.workplace import Workplace
    from storage.database import Connection

_log = structlog.get_logger()


def queue_report(connection: Connection, work: Workplace, report: Mapping[str, Any]) -> str:
    """Put the report of the day into the outbox, unless it is there already or nobody asked for it; name it."""
    outbox_id = f"report-{work.run_date.isoformat()}"
    if work.smtp is None or not work.company.report_to or has_effect(connection, work.company_id, outbox_id):
        return ""
    sender, readers, raw = _mail(work, work.smtp, report, outbox_id)
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
                recipients=readers,
            )
        ],
    )
    return outbox_id


def tell_failure(work: Workplace, report: Mapping[str, Any]) -> None:
    """Mail the report of a night that could not finish, at once: the outbox may be what failed.

    Nobody watches an unattended night, so its failure must not stay silent. Each failing night says so again.
    """
    if work.smtp is None or not work.company.report_to or work.rehearsal is not None:
        return
    moment = f"failure-{work.author.now:%Y%m%dT%H%M%S}"
    sender, readers, raw = _mail(work, work.smtp, report, moment)
    try:
        send_mail(raw, sender, readers, work.smtp)
    except ConnectorError as error:
        _log.warning("the failure could not be mailed", company=work.company_id, reason=str(error))


def _mail(
    work: Workplace, smtp: SmtpSettings, report: Mapping[str, Any], name: str
) -> tuple[str, tuple[str, ...], bytes]:
    """Give sender, readers and bytes of a report."""
    (sender,) = addresses(smtp.sender)
    readers = tuple(address for recipient in work.company.report_to for address in addresses(recipient))
    raw = build_report_mail(
        subject_of(report),
        report_text(report),
        None,
        readers,
        sender=sender,
        message_id=f"<{name}.{work.company_id}@{sender.partition('@')[2]}>",
        date=work.author.now,
    )
    return sender, readers, raw
