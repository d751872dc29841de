"""A real SFTP server over the loopback, which serves a folder of the test, and may misbehave as real ones do."""

from __future__ import annotations

import os
import socket
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import paramiko
from paramiko import SFTPAttributes, SFTPHandle, SFTPServer, SFTPServerInterface, common
from paramiko.sftp import SFTP_FAILURE, SFTP_OK

from connectors.bank.wire.sftp_key import fingerprint

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@dataclass(slots=True)
class Served:
    """The server as the test sees it."""

    root: Path
    port: int
    keys: list[paramiko.PKey]
    password: str = "geheim"
    public_key: paramiko.PKey | None = None
    wants_both: bool = False
    names: dict[str, str] = field(default_factory=dict)  # what the list calls a file, where it lies
    on_list: Callable[[int], None] = lambda _: None  # told the how manieth list it is
    on_read: Callable[[int], None] = lambda _: None  # told the offset
    refuses_to_open: frozenset[str] = frozenset()
    lists: int = 0
    reads: int = 0
    tried: list[str] = field(default_factory=list)  # what was offered to get in

    @property
    def fingerprints(self) -> list[str]:
        """The fingerprints of its keys."""
        return [fingerprint(key) for key in self.keys]


@contextmanager
def serve(root: Path, keys: list[paramiko.PKey]) -> Iterator[Served]:
    """Serve a folder until the block ends."""
    before = threading.enumerate()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.1)
        served = Served(root, listener.getsockname()[1], keys)
        over = threading.Event()
        transports: list[paramiko.Transport] = []
        thread = threading.Thread(target=_accept, args=(listener, served, over, transports))
        thread.start()
        try:
            yield served
        finally:
            over.set()
            thread.join()
            for transport in transports:
                transport.packetizer.complete_handshake()
                transport.close()
            for thread in threading.enumerate():  # those of the library that serve a channel as well
                if thread not in before:
                    thread.join(10)


def _accept(
    listener: socket.socket, served: Served, over: threading.Event, transports: list[paramiko.Transport]
) -> None:
    while not over.is_set():
        try:
            sock, _ = listener.accept()
        except TimeoutError:
            continue
        transport = paramiko.Transport(sock)
        transports.append(transport)
        for key in served.keys:
            transport.add_server_key(key)
        transport.set_subsystem_handler("sftp", SFTPServer, _Folder, served)
        transport.start_server(event=threading.Event(), server=_Doorman(served))


class _Doorman(paramiko.ServerInterface):
    def __init__(self, served: Served) -> None:
        self._served = served

    def get_allowed_auths(self, username: str) -> str:
        return "publickey,password"

    def check_auth_password(self, username: str, password: str) -> int:
        self._served.tried.append("password")
        right = username == "muster" and password == self._served.password
        return common.AUTH_SUCCESSFUL if right else common.AUTH_FAILED

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        self._served.tried.append("key")
        if username != "muster" or key != self._served.public_key:
            return common.AUTH_FAILED
        return common.AUTH_PARTIALLY_SUCCESSFUL if self._served.wants_both else common.AUTH_SUCCESSFUL

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return common.OPEN_SUCCEEDED


class _Folder(SFTPServerInterface):
    def __init__(self, server: paramiko.ServerInterface, served: Served) -> None:
        super().__init__(server)
        self._served = served

    def _path(self, path: str) -> Path:
        return self._served.root / self._served.names.get(path.rpartition("/")[2], path).lstrip("/")

    def list_folder(self, path: str) -> Any:
        self._served.lists += 1
        self._served.on_list(self._served.lists)
        try:
            rows = [
                SFTPAttributes.from_stat(entry.stat(follow_symlinks=False), entry.name)
                for entry in os.scandir(self._path(path))
            ]
        except OSError as error:
            return SFTPServer.convert_errno(error.errno or 0)
        for shown, lies in self._served.names.items():
            raw: Any = shown.encode(errors="surrogateescape")  # not every server writes UTF-8
            rows.append(SFTPAttributes.from_stat(self._path(lies).stat(), raw))
        return rows

    def lstat(self, path: str) -> Any:
        try:
            return SFTPAttributes.from_stat(self._path(path).lstat())
        except OSError as error:
            return SFTPServer.convert_errno(error.errno or 0)

    stat = lstat

    def open(self, path: str, flags: int, attr: Any) -> Any:
        if path.rpartition("/")[2] in self._served.refuses_to_open:
            return SFTP_FAILURE
        handle: Any = _Handle(self._served)
        try:
            handle.readfile = self._path(path).open("rb")
        except OSError as error:
            return SFTPServer.convert_errno(error.errno or 0)
        return handle

    def rename(self, oldpath: str, newpath: str) -> int:
        if self._path(newpath).exists():
            return SFTP_FAILURE
        try:
            self._path(oldpath).rename(self._path(newpath))
        except OSError as error:
            return SFTPServer.convert_errno(error.errno or 0)
        return SFTP_OK


class _Handle(SFTPHandle):
    def __init__(self, served: Served) -> None:
        super().__init__()
        self._served = served

    def read(self, offset: int, length: int) -> Any:
        self._served.reads += 1
        self._served.on_read(offset)
        return super().read(offset, length)
