"""Delivery (Zustellung): a mail to the mail server or a file into a folder, each at most once and never half."""

from export.delivery.folder import deliver_file
from export.delivery.smtp import (
    LoginRefused,
    RecipientRefused,
    Security,
    SmtpReceipt,
    SmtpSettings,
    Uncertain,
    send_mail,
)

__all__ = [
    "LoginRefused",
    "RecipientRefused",
    "Security",
    "SmtpReceipt",
    "SmtpSettings",
    "Uncertain",
    "deliver_file",
    "send_mail",
]
