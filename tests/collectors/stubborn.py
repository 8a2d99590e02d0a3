"""Servers that are there and never come to an answer."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress

Serve = Callable[[socket.socket, threading.Event], None]


@contextmanager
def serving(serve: Serve) -> Iterator[str]:
    """The address of a server that treats each connection so, until the test is over."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listening:
        listening.settimeout(0.05)
        accepting = threading.Thread(target=_accept, args=(listening, serve, over), daemon=True)
        accepting.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            over.set()
            accepting.join(60)


def _accept(listening: socket.socket, serve: Serve, over: threading.Event) -> None:
    while not over.is_set():
        with suppress(TimeoutError):
            threading.Thread(target=_serve, args=(listening.accept()[0], serve, over), daemon=True).start()


def _serve(connection: socket.socket, serve: Serve, over: threading.Event) -> None:
    with connection, suppress(OSError):
        serve(connection, over)


def endless_headers(connection: socket.socket, over: threading.Event) -> None:
    """A header that goes on byte by byte, each soon enough not to look like silence."""
    connection.recv(65536)
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while not over.wait(0.02):
        connection.sendall(b"a")


def interim_answers(connection: socket.socket, over: threading.Event) -> None:
    """`100 Continue` again and again, which is no answer yet."""
    connection.recv(65536)
    while not over.wait(0.02):
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")


@contextmanager
def never_accepting() -> Iterator[str]:
    """The address of a server whose queue is full: nobody's connection comes about."""
    with ExitStack() as held:
        listening = held.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(4):  # the kernel takes one or two more than it was told
            waiting = held.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listening.getsockname())
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
