"""Open files, text and bytes in memory → a file that can be read several times."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from tidynet.core.errors import FileReadError, InputError
from tidynet.table.detect_file_format import find_format
from tidynet.table.formats import EXTENSIONS, split_extension, stem
from tidynet.table.read_options import ReadOptions

_BLOCK = 1 << 20
_EXTENSION_OF = {
    "parquet": ".parquet",
    "arrow": ".arrow",
    "json": ".json",
    "numpy": ".npy",
    "sqlite": ".sqlite",
    "workbook": ".xlsx",
}


class CopiedFile(NamedTuple):
    """The copy of an open file, the names of its table and of its source, and how messages call it."""

    path: Path
    name: str
    source: str
    label: str


def is_open_file(source: Any) -> bool:
    """Whether a source is an open file, a `StringIO`, a `BytesIO` or the like."""
    if isinstance(source, io.IOBase):
        return True
    # Wrappers of files, such as those of `tempfile`, share the method alone.
    return callable(getattr(source, "read", None)) and not isinstance(source, (type, ModuleType))


def copy_open_file(source: Any, options: ReadOptions, folder: Path) -> CopiedFile:
    """What an open file holds from its position to its end; it stays open."""
    given = getattr(source, "name", None)
    original = Path(given) if isinstance(given, str) and not given.startswith("<") else Path()
    label = f"'{original}'" if original.name else "the open file"
    path = folder / (original.name or "table")
    has_content = False
    with path.open("wb") as file:
        for block in _blocks(source, options, label):
            has_content = has_content or bool(block)
            file.write(block)
    if not has_content:
        raise FileReadError(
            f"{label} has nothing to read from its position on, expected a table", "go to its start with seek(0)"
        )
    if split_extension(path)[0] not in EXTENSIONS and options.format is None:
        path = path.rename(path.with_name(path.name + _EXTENSION_OF.get(find_format(path) or "text", ".csv")))
    return CopiedFile(path, stem(path), str(original) if original.name else "open file", label)


def _blocks(source: Any, options: ReadOptions, label: str) -> Iterator[bytes]:
    try:
        while block := source.read(_BLOCK):
            yield _encoded(block, options, label)
    except UnicodeDecodeError as error:
        raise FileReadError(f"{label} is not {error.encoding} text", "open it in binary mode, with 'rb'") from error
    except io.UnsupportedOperation as error:
        raise FileReadError(f"{label} is not open for reading", "open it with 'rb'") from error
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise FileReadError(f"{label} cannot be read ({reason})", "check the file or the connection") from error
    except ValueError as error:
        if isinstance(error, InputError):
            raise
        raise FileReadError(f"{label} is closed, expected an open file", "open it with 'rb'") from error


def _encoded(block: Any, options: ReadOptions, label: str) -> bytes:
    if isinstance(block, (bytes, bytearray, memoryview)):
        return bytes(block)
    if not isinstance(block, str):
        raise InputError(
            f"{label} returns {type(block).__name__}, expected text or bytes", "give a file opened with 'rb'"
        )
    if options.encoding is not None:
        raise InputError(
            f"the option encoding is set, but {label} is open as text, which is decoded", "open it with 'rb'"
        )
    return block.encode("utf-8", "surrogateescape")
