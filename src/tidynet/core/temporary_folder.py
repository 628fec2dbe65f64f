"""Folders for unfinished files, which no end of the process leaves behind.

A process locks each of its folders while it lives. After kill -9 or a power failure nobody holds the lock, and the
next process that makes a folder at the same place removes the old one first.
"""

from __future__ import annotations

import errno
import os
import re
import secrets
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from functools import partial
from pathlib import Path
from shutil import disk_usage
from stat import S_ISDIR

from tidynet.core.errors import FileReadError
from tidynet.core.undo import UNFINISHED

if sys.platform != "win32":
    import fcntl

_NAME = re.compile(r"\.tidynet-[0-9a-f]{16}\.part")
DISK_FULL = (errno.ENOSPC, errno.EDQUOT)
NEARLY_NOTHING = 1_000_000  # bytes
_SWEPT: set[Path] = set()  # the places where this process has looked for old folders


@contextmanager
def temporary_folder(place: str | Path | None = None) -> Iterator[Path]:
    """A new folder at a place (by default that of temporary files), removed at the end."""
    parent = _folder_of_temporary_files() if place is None else Path(place)
    if parent not in _SWEPT:
        _SWEPT.add(parent)
        remove_stale_folders(parent)
    with nullcontext() if place is not None else _full_disk_errors(parent):
        yield from _locked_folder(parent)


def _locked_folder(parent: Path) -> Iterator[Path]:
    while True:
        path = parent / f".tidynet-{secrets.token_hex(8)}.part"
        with UNFINISHED.undone_at_signal(partial(_remove, path)):
            path.mkdir(0o700)
            lock = _lock(path)
            try:
                # Another process may have found the folder before the lock, and removed it.
                if path.is_dir():
                    yield path
                    return
            finally:
                _remove(path)
                if lock is not None:
                    os.close(lock)


def remove_stale_folders(place: Path | None = None) -> None:
    """Remove the folders whose process has ended without removing them; Windows cannot lock folders."""
    if sys.platform == "win32":
        return
    with suppress(OSError):
        place = place or _folder_of_temporary_files()
        names = [item for item in os.listdir(place) if _NAME.fullmatch(item)]
        for name in names:
            path = place / name
            status = path.lstat()
            if not S_ISDIR(status.st_mode) or status.st_uid != os.getuid():
                continue
            lock = _lock(path, wait=False)
            if lock is not None:
                _remove(path)
                os.close(lock)


def _folder_of_temporary_files() -> Path:
    try:
        return Path(tempfile.gettempdir())
    except FileNotFoundError as error:
        raise FileReadError(
            "there is no folder for temporary files that can be written", "set TMPDIR to a folder with free space"
        ) from error


@contextmanager
def _full_disk_errors(place: Path) -> Iterator[None]:
    """Name this disk in the error of a full one, if it is this one."""
    try:
        yield
    except OSError as error:
        if isinstance(error, FileReadError) or error.errno not in DISK_FULL or disk_usage(place).free >= NEARLY_NOTHING:
            raise
        raise FileReadError(
            f"the disk of the folder '{place}' is full", "free some space, or set TMPDIR to another folder"
        ) from error


def _lock(path: Path, *, wait: bool = True) -> int | None:
    """The open folder under a lock; None where another process holds it, or the file system has no locks."""
    if sys.platform == "win32":
        return None
    try:
        folder = os.open(path, os.O_RDONLY)
    except OSError:
        return None
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except OSError:
        os.close(folder)
        return None
    return folder


def _remove(path: Path) -> None:
    """Remove a folder, into which another thread may still write."""
    for _ in range(100):
        shutil.rmtree(path, ignore_errors=True)
        if not path.exists():
            return
