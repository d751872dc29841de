"""The deadline (Zeitgrenze): a connection that drips, byte by byte, is cut when its time is over."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from requests.adapters import HTTPAdapter

if TYPE_CHECKING:
    from collections.abc import Iterator


class CuttableAdapter(HTTPAdapter):
    """Knows the sockets of its connections, so that they can be cut in mid-answer.

    A time-out of the library counts the silence between two bytes. Whoever sends one byte a minute is never silent
    for long, and would keep a night waiting for hours.
    """

    def __init__(self) -> None:
        super().__init__(max_retries=0)
        self._open: WeakSet[socket.socket] = WeakSet()
        self._watched: dict[type, type] = {}

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
        """Give the pool of a host, whose connections register themselves."""
        pool: Any = super().get_connection_with_tls_context(*args, **kwargs)
        if pool.ConnectionCls not in self._watched.values():
            pool.ConnectionCls = self._watch(pool.ConnectionCls)
        return pool

    def _watch(self, plain: type) -> type:
        if plain not in self._watched:
            register = self._open.add

            def connect(connection: Any) -> None:
                plain.connect(connection)  # type: ignore[attr-defined]  # the library chooses its class at run time
                # The socket, not the connection, which lets go of it when an answer is to end with its closing.
                register(getattr(connection.sock, "socket", connection.sock))  # under encryption within encryption

            self._watched[plain] = type(f"Cuttable{plain.__name__}", (plain,), {"connect": connect})
        return self._watched[plain]

    def cut(self) -> None:
        """Close every connection for both directions; whoever reads from it fails at once."""
        for sock in list(self._open):
            with contextlib.suppress(OSError):  # it may have been closed by the other side meanwhile
                # Not the method of an encrypted socket: it takes the encryption away under whoever reads.
                socket.socket.shutdown(sock, socket.SHUT_RDWR)


@contextlib.contextmanager
def cut_after(seconds: float, adapter: CuttableAdapter) -> Iterator[threading.Event]:
    """Cut the adapter's connections when the block takes longer; the event says whether that happened."""
    over = threading.Event()

    def cut() -> None:
        over.set()
        adapter.cut()

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield over
    finally:
        timer.cancel()
