"""Sends a message by whatever apprise speaks: Slack, Teams, PagerDuty and a hundred others."""

from __future__ import annotations

from dryland.project.alerting import Channel
from dryland.watch.channels.sending import RefusedError, Sending
from dryland.watch.message import Message


def send(channel: Channel, message: Message, sending: Sending) -> None:
    """Hand it to apprise.

    Raises:
        RefusedError: apprise is not installed, or knows no such address.
        OSError: a service did not take it.
    """
    try:
        import apprise
    except ImportError:
        raise RefusedError('apprise is not installed: pip install "dryland[alerts]"') from None
    services = apprise.Apprise()
    for url in channel.to:
        if not services.add(url):
            raise RefusedError("apprise does not know this kind of address")  # never the address: it holds secrets
    if not services.notify(title=message.subject, body=message.text):
        raise OSError("the service did not take it")
