"""Files that are written completely or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tidynet.core.errors import FileReadError, folder_not_found_error


@contextlib.contextmanager
def atomic_write(path: str | Path) -> Iterator[Path]:
    """A temporary path in the same folder, which replaces `path` on success and is removed on failure."""
    target = Path(path)
    temporary: Path | None = None
    try:
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent)
        os.close(handle)
        temporary = Path(name)
        yield temporary
        with temporary.open("rb+") as written:
            os.fsync(written.fileno())
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(target)
    except OSError as error:
        raise _write_error(error, target) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current


def _write_error(error: OSError, target: Path) -> FileReadError:
    if isinstance(error, FileReadError):
        return error
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return FileReadError(f"the disk is full; '{target}' was not written", "free some space and run again")
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return FileReadError(f"the folder '{target.parent}' cannot be written", "choose another with --out")
    if not target.parent.is_dir():
        return folder_not_found_error(target)
    reason = (error.strerror or str(error)).lower()
    return FileReadError(f"'{target}' cannot be written ({reason})", "choose another path")
