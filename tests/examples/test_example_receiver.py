"""The receiver keeps what it is told, and refuses what is not JSON."""

from __future__ import annotations

import json
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

pytest.importorskip("numpy", reason="the demo extra is not installed: numpy is missing")

from world.receive import Receiver


def send(url: str, body: bytes) -> int:
    with urlopen(Request(url, data=body, headers={"Content-Type": "application/json"}), timeout=5) as answer:
        return answer.status


def test_it_remembers_notifications_in_order() -> None:
    with Receiver(port=0) as receiver:
        for event in ("published", "refused"):
            assert send(receiver.url, json.dumps({"event": event}).encode()) == 204
    assert receiver.received == [{"event": "published"}, {"event": "refused"}]


def test_it_refuses_what_is_not_json() -> None:
    with Receiver(port=0) as receiver:
        with pytest.raises(HTTPError) as refused:
            send(receiver.url, b"hello")
        refused.value.close()
    assert refused.value.code == 400
    assert receiver.received == []


def test_it_stops_and_frees_its_port() -> None:
    with Receiver(port=0) as first:
        port = int(first.url.rsplit(":", 1)[1].split("/")[0])
    with Receiver(port=port) as second:
        assert second.url == first.url
