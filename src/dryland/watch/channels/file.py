"""Adds a message to a file, as a line of JSON."""

from __future__ import annotations

import json

from dryland.project.alerting import Channel
from dryland.project.links import LED_OUT, is_led_out
from dryland.watch.channels.sending import RefusedError, Sending
from dryland.watch.message import Message


def send(channel: Channel, message: Message, sending: Sending) -> None:
    """Append it; relative paths start at the project.

    Raises:
        OSError: the file cannot be written.
        RefusedError: a link leads out of the project.
    """
    for name in channel.to:
        if is_led_out(sending.root, name):
            raise RefusedError(f"of `{name}`, {LED_OUT}")
        path = sending.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as file:
            file.write(json.dumps(message.payload, sort_keys=True).encode() + b"\n")
