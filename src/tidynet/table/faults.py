"""The fault of a file that begins well and then cannot be read."""

from __future__ import annotations

from tidynet.errors import FileFault

__all__ = ["reason", "unreadable"]


def unreadable(shown: str, format_name: str, error: BaseException) -> FileFault:
    """The fault of a file that begins well and then cannot be read.

    Examples
    --------
    >>> str(unreadable("'x.parquet'", "Parquet", ValueError("bad page")))
    "'x.parquet' cannot be read as Parquet: bad page; copy or write it again"
    """
    return FileFault(f"{shown} cannot be read as {format_name}: {reason(error)}", "copy or write it again")


def reason(error: BaseException) -> str:
    r"""The first line of what another library says, without its full stop.

    Examples
    --------
    >>> reason(ValueError("bad page.\nYou might try something else."))
    'bad page'
    """
    first = next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
    return first.rstrip(".")
