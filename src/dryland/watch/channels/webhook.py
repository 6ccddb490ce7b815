"""Posts a message as JSON with stable keys, signed where a secret is set."""

from __future__ import annotations

import hashlib
import hmac
import json
import urllib.error
import urllib.request
from typing import Any

from dryland.project.alerting import Channel
from dryland.watch.channels.sending import RefusedError, Sending
from dryland.watch.message import Message

TIMEOUT_S = 5.0
PASSING = (408, 425, 429)  # of the answers below 500 those after which one may try again


def send(channel: Channel, message: Message, sending: Sending) -> None:
    """Post it to each address of the channel.

    Raises:
        OSError: it cannot be reached, takes too long, or has trouble of its own.
        RefusedError: it does not want it.
    """
    body = json.dumps(message.payload, sort_keys=True).encode()
    for url in channel.to:
        _post(url, body, _headers(channel, message, sending, body))


def signature(secret: str, stamp: str, body: bytes) -> str:
    """What the receiver works out as well: HMAC-SHA256 of time, dot and body."""
    return "sha256=" + hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def _headers(channel: Channel, message: Message, sending: Sending, body: bytes) -> dict[str, str]:
    headers = {
        "Content-Type": "application/json", "User-Agent": "dryland",
        "X-Dryland-Delivery": f"{sending.store}-{message.key}",  # the same when it is sent twice
    }  # fmt: skip
    if channel.secret:
        stamp = str(int(sending.at.timestamp()))
        headers |= {"X-Dryland-Timestamp": stamp, "X-Dryland-Signature": signature(channel.secret, stamp, body)}
    return headers


class _Stays(urllib.request.HTTPRedirectHandler):
    """What is posted goes where it was to go, and nowhere else."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def _post(url: str, body: bytes, headers: dict[str, str]) -> None:
    if not url.startswith(("http://", "https://")):
        raise RefusedError("a webhook is an http or https address")
    request = urllib.request.Request(url, body, headers)  # noqa: S310
    try:
        with urllib.request.build_opener(_Stays).open(request, timeout=TIMEOUT_S) as answer:
            answer.read(1)
    except urllib.error.HTTPError as error:
        error.close()
        if error.code < 500 and error.code not in PASSING:
            raise RefusedError(f"it answered {error.code}") from None
        raise OSError(f"it answered {error.code}") from None
