"""Sends a message by mail: text and HTML, over STARTTLS or TLS where that is asked for."""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr

from dryland.project.alerting import Channel, Smtp
from dryland.watch.channels.sending import Sending
from dryland.watch.message import Message

TIMEOUT_S = 10.0


def send(channel: Channel, message: Message, sending: Sending) -> None:
    """Hand it to the server of `alerts.smtp`.

    Raises:
        OSError: the server cannot be reached, or did not take it (`smtplib.SMTPException` is one).
    """
    smtp = sending.alerting.smtp
    mail = _mail(channel, message, smtp, sending)
    with _connected(smtp, sending) as server:
        if smtp.user:
            server.login(smtp.user, smtp.password)
        server.send_message(mail)


def _connected(smtp: Smtp, sending: Sending) -> smtplib.SMTP:
    trusted = str(sending.root / smtp.ca_file) if smtp.ca_file else None
    if smtp.security == "ssl":
        return smtplib.SMTP_SSL(
            smtp.host, smtp.port, timeout=TIMEOUT_S, context=ssl.create_default_context(cafile=trusted)
        )  # fmt: skip
    server = smtplib.SMTP(smtp.host, smtp.port, timeout=TIMEOUT_S)
    if smtp.security == "starttls":
        try:
            server.starttls(context=ssl.create_default_context(cafile=trusted))
        except BaseException:
            server.close()
            raise
    return server


def _mail(channel: Channel, message: Message, smtp: Smtp, sending: Sending) -> EmailMessage:
    mail = EmailMessage()
    mail["Subject"] = message.subject
    mail["From"] = smtp.sender
    mail["To"] = ", ".join(channel.to)
    mail["Date"] = format_datetime(sending.at)
    domain = parseaddr(smtp.sender)[1].rpartition("@")[2] or "localhost"
    mail["Message-ID"] = f"<dryland-{sending.store}-{message.key}@{domain}>"  # the same when it is sent twice
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(message.text)
    mail.add_alternative(message.html, subtype="html")
    return mail
