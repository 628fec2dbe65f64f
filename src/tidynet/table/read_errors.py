"""The fault of a file that begins well and then cannot be read."""

from __future__ import annotations

from tidynet.core.errors import FileReadError

__all__ = ["reason", "unreadable_file_error"]


def unreadable_file_error(display_text: str, format_name: str, error: BaseException) -> FileReadError:
    """The fault of a file that begins well and then cannot be read.

    >>> str(unreadable_file_error("'x.parquet'", "Parquet", ValueError("bad page")))
    "'x.parquet' cannot be read as Parquet: bad page; copy or write it again"
    """
    return FileReadError(f"{display_text} cannot be read as {format_name}: {reason(error)}", "copy or write it again")


def reason(error: BaseException) -> str:
    r"""The first line of what another library says, without its full stop.

    >>> reason(ValueError("bad page.\nYou might try something else."))
    'bad page'
    """
    first = next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
    return first.rstrip(".")
