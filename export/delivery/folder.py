"""The folder (Versandordner): files delivered whole or not at all, never overwritten."""

from __future__ import annotations

import contextlib
import errno
import os
from typing import TYPE_CHECKING

from export.file_name import safe_file_name
from ledger.errors import Refused

if TYPE_CHECKING:
    from pathlib import Path


def deliver_file(folder: Path, name: str, content: bytes) -> Path:
    """Put a file into a folder, whole or not at all, and give its path.

    The same content under the same name is already delivered. Other content under that name is never overwritten:
    Refused, as is a folder that is full, read-only or cannot be made. The name is made safe first.
    """
    target = folder / safe_file_name(name)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if target.exists():
            return _already_there(target, content)
        _write_whole(target, content)
    except OSError as error:
        raise Refused(f"{target}: {_file_trouble(error)}; nothing was delivered") from error
    return target


def _already_there(target: Path, content: bytes) -> Path:
    if target.read_bytes() == content:
        return target
    raise Refused(
        f"{target} is already there with other content and is not overwritten; move it away if it is not needed"
    )


def _write_whole(target: Path, content: bytes) -> None:
    unfinished = target.with_name(f".{target.name}.part")
    try:
        with unfinished.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(target)
    except OSError:
        with contextlib.suppress(OSError):
            unfinished.unlink()
        raise
    _remember_name(target.parent)


def _remember_name(folder: Path) -> None:
    # Without this a power cut may forget the new name although the content is safe.
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _file_trouble(error: OSError) -> str:
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT:
            return "the disk is full; free some space"
        case errno.EROFS:
            return "the folder is read-only; choose another one"
        case errno.EACCES | errno.EPERM:
            return "we may not write there; give us the right or choose another folder"
        case errno.ENOTDIR | errno.EEXIST:
            return "a file stands where a folder is needed; choose another folder"
        case _:
            return error.strerror or type(error).__name__
