"""Speaks HTTP with whoever gets to the end of a request in time, and hangs up on all others."""

from __future__ import annotations

from asyncio import BaseTransport, TimerHandle

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

REQUEST_S = 20  # from the first byte of a request to its last: none here is large
HEAD_MAX = 64 * 1024  # bytes of a request's address and headers
TOO_LONG = "The headers of this request are larger than anything here needs."


class Patience(HttpToolsProtocol):
    """The usual protocol, with an end to waiting: else a thousand silent connections keep everybody out."""

    _deadline: TimerHandle | None = None
    _read = 0  # bytes since the request began
    _is_in_head = True

    def connection_made(self, transport: BaseTransport) -> None:
        """Wait for a first request, not for ever."""
        super().connection_made(transport)  # type: ignore[arg-type]
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._rest()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take in what came; a request that has begun has to end."""
        self._read += len(data)
        if self._deadline is None and (self.cycle is None or self.cycle.response_complete):
            self._wait()
        super().data_received(data)
        if self._is_in_head and self._read > HEAD_MAX and not self.transport.is_closing():
            self.send_400_response(TOO_LONG)

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._is_in_head = True
        if self._deadline is None:
            self._wait()

    def on_headers_complete(self) -> None:
        """Its body is measured by the guard."""
        self._is_in_head = False
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """It is all there: how long the answer takes is not up to the one who asks."""
        self._rest()
        self._read, self._is_in_head = 0, True
        super().on_message_complete()

    def _wait(self) -> None:
        self._deadline = self.loop.call_later(REQUEST_S, self._hang_up)

    def _rest(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _hang_up(self) -> None:
        self._deadline = None
        self.transport.close()
