"""Output that ends no work: what its encoding cannot hold is replaced, and a closed stream shows nothing."""

from __future__ import annotations

import codecs
import io
import os
import re
import sys
import unicodedata
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import TextIO

_HANDLER = "tidynet-plain"
_GREEK = re.compile(r"GREEK SMALL LETTER (\w+)")
# The signs of tidynet's own screens; a minus that became "?" would change a number.
_PLAIN = {
    "−": "-", "–": "-", "—": "-", "…": "...", "→": "->", "←": "<-", "×": "x", "·": "*", "≤": "<=", "≥": ">=",
    "≠": "!=", "≈": "~", "±": "+/-", "∞": "inf", "²": "2", "³": "3", "√": "sqrt", "∂": "d", "Δ": "Delta", "█": "#",
    "▏": "|", "▎": "|", "▍": "|", "▌": "|", "▋": "#", "▊": "#", "▉": "#", "━": "-", "─": "-", "│": "|", "‘": "'",
    "’": "'", "“": '"', "”": '"', "␣": "_", "‾": "-", "ŷ": "y^", "ᵢ": "i", "ⱼ": "j",
}  # fmt: skip


def plain_text(letter: str) -> str:
    r"""A letter in ASCII: a sign by its usual spelling, a Greek letter by its name, others by their number."""
    if letter in _PLAIN:
        return _PLAIN[letter]
    greek = _GREEK.fullmatch(unicodedata.name(letter, ""))
    if greek is not None:
        return greek[1].lower()
    return letter.encode("ascii", "backslashreplace").decode()


def _replace_unencodable(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(plain_text(letter) for letter in error.object[error.start : error.end]), error.end


codecs.register_error(_HANDLER, _replace_unencodable)


def _set_errors(stream: io.TextIOWrapper, errors: str | None) -> None:
    with suppress(OSError, ValueError):  # it flushes, which a closed pipe refuses
        stream.reconfigure(errors=errors)


def discard_output(stream: TextIO) -> None:
    """Send what is still to be written nowhere, or Python would try to write it again at its end."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


@contextmanager
def lenient_streams() -> Iterator[None]:
    """Replace what standard output and standard error cannot encode, and a closed one by one that shows nothing."""
    with ExitStack() as undo:
        for name in ("stdout", "stderr"):
            stream = getattr(sys, name)
            if stream is None:
                opened = undo.enter_context(open(os.devnull, "w", encoding="utf-8"))
                setattr(sys, name, opened)
                undo.callback(setattr, sys, name, None)
            elif isinstance(stream, io.TextIOWrapper):
                undo.callback(_set_errors, stream, stream.errors)
                _set_errors(stream, _HANDLER)
        yield


def write_document(text: str) -> None:
    """Write a table or a document on standard output with every letter: as UTF-8 if its encoding has not all."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError as error:
        letter = text[error.start]
        print(f"note: standard output is {encoding}, which has no {letter!a}; UTF-8 was written", file=sys.stderr)
        sys.stdout.flush()
        sys.stdout.buffer.write(text.encode("utf-8"))
    else:
        sys.stdout.write(text)


class OutputStream:
    """A stream that shows what it can: after an error it shows nothing more, and the work goes on.

    A reader such as `head` may close the output, or a disk may become full, before the files are written.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.error: OSError | None = None

    @property
    def encoding(self) -> str:
        """The encoding of the stream."""
        return getattr(self._stream, "encoding", None) or "utf-8"

    def write(self, text: str) -> int:
        """Write, unless an earlier write has failed."""
        if self.error is None:
            try:
                return self._stream.write(text)
            except OSError as error:
                self.error = error
        return len(text)

    def flush(self) -> None:
        """Flush, unless an earlier write has failed."""
        if self.error is None:
            try:
                self._stream.flush()
            except OSError as error:
                self.error = error

    def isatty(self) -> bool:
        """Whether the stream is a terminal."""
        return self._stream.isatty()

    def fileno(self) -> int:
        """The number of the stream's file."""
        return self._stream.fileno()

    def raise_error(self) -> None:
        """Raise the error that ended the output, once all work is done."""
        if self.error is not None:
            raise self.error
