"""Files that are written completely or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from stat import S_IMODE

from tidynet.core.errors import FileReadError, folder_not_found_error
from tidynet.core.temporary_folder import DISK_FULL, temporary_folder
from tidynet.core.undo import UNFINISHED


@contextlib.contextmanager
def atomic_write(path: str | Path) -> Iterator[Path]:
    """A path in a temporary folder beside `path`, which replaces `path` on success and is removed on failure.

    A link stays a link to the file that is replaced, and a replaced file keeps its permissions. A device or a pipe is
    not replaced but written to.
    """
    given = Path(path)
    try:
        target = Path(os.path.realpath(given))
        is_stream = target.exists() and not target.is_file() and not target.is_dir()
        with temporary_folder(None if is_stream else target.parent) as folder:
            temporary = folder / target.name
            temporary.touch()
            yield temporary
            if is_stream:
                _copy(temporary, target)
            else:
                _replace(target, temporary)
    except OSError as error:
        raise _write_error(error, given) from error


def _copy(source: Path, stream: Path) -> None:
    with source.open("rb") as content, stream.open("wb") as out:
        shutil.copyfileobj(content, out)


def _replace(target: Path, temporary: Path) -> None:
    with temporary.open("rb+") as written:
        os.fsync(written.fileno())
    try:
        old = target.stat()
    except FileNotFoundError:
        pass  # it has the permissions of any new file
    else:
        if (old.st_uid, old.st_gid) != (temporary.stat().st_uid, temporary.stat().st_gid):
            # Only root may give a file away: the new one is the user's own otherwise.
            with contextlib.suppress(OSError, AttributeError):
                os.chown(temporary, old.st_uid, old.st_gid)
        temporary.chmod(S_IMODE(old.st_mode) & 0o777)
    with UNFINISHED.completed():
        temporary.replace(target)


def _write_error(error: OSError, target: Path) -> FileReadError:
    if isinstance(error, FileReadError):
        return error
    if error.errno in DISK_FULL:
        return FileReadError(f"the disk is full; '{target}' was not written", "free some space and run again")
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return FileReadError(f"the folder '{target.parent}' cannot be written", "choose another with --out")
    if not target.parent.is_dir():
        return folder_not_found_error(target)
    reason = (error.strerror or str(error)).lower()
    return FileReadError(f"'{target}' cannot be written ({reason})", "choose another path")
