"""A go-between of a program and its PostgreSQL server, which cuts the connection in a commit."""

import socket
import threading
from contextlib import suppress
from enum import Enum, auto
from pathlib import Path

_COMMIT = b"Q\x00\x00\x00\x0bCOMMIT\x00"  # the message of the protocol
_SOCKET = ".s.PGSQL.5432"


class Cut(Enum):
    """What happens when the program commits."""

    BEFORE = auto()  # the server never hears of it
    AFTER = auto()  # the server commits; the program never hears of it
    SILENT = auto()  # the server never hears of it, and the program waits
    NEVER = auto()


class GoBetween:
    """A socket in a folder of its own, in front of the server's; each connection is a thread."""

    def __init__(self, server: Path, folder: Path, cut: Cut) -> None:
        self.cut = cut
        """May be changed at any time."""
        self._server = server / _SOCKET
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(folder / _SOCKET))
        self._listener.listen()
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        for each in (self._listener, *self._open):
            each.close()

    def _accept(self) -> None:
        while True:
            try:
                program, _ = self._listener.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            self._open += (program, server)
            try:
                server.connect(str(self._server))
            except OSError:  # the server is gone: the program is cut off
                program.close()
                continue
            threading.Thread(target=self._to_server, args=(program, server), daemon=True).start()
            threading.Thread(target=self._to_program, args=(server, program), daemon=True).start()

    def _to_server(self, program: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):  # the test may be over, and have closed both
            self._pass_on(program, server)

    def _pass_on(self, program: socket.socket, server: socket.socket) -> None:
        while data := _received(program):
            if _COMMIT in data and self.cut is not Cut.NEVER:
                cut, self.cut = self.cut, Cut.NEVER
                if cut is Cut.SILENT:
                    return
                program.shutdown(socket.SHUT_RDWR)
                if cut is Cut.BEFORE:
                    break
            server.sendall(data)
        server.shutdown(socket.SHUT_WR)

    def _to_program(self, server: socket.socket, program: socket.socket) -> None:
        while data := _received(server):
            try:
                program.sendall(data)
            except OSError:
                return


def _received(end: socket.socket) -> bytes:
    try:
        return end.recv(65536)
    except OSError:
        return b""
