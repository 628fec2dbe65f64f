"""Run the Python of a page, block after block, and put what it prints below each block."""

from __future__ import annotations

import contextlib
import io
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

LEARN = Path(__file__).parent / "learn"
# a block of Python, and what it printed when the page was last written
BLOCK = re.compile(r"```python\n(.*?)```\n(?:\n```text\n.*?```\n)?", re.DOTALL)


def learn_pages() -> list[Path]:
    """The pages of the course, in order."""
    return sorted(LEARN.glob("[0-9]*.md"))


def run(page: Path, folder: Path) -> str:
    """The page as it should read: its blocks run in `folder`, with what they print below them."""
    names: dict[str, Any] = {"__name__": page.stem}

    def fresh(block: re.Match[str]) -> str:
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(block[1], page.name, "exec"), names)  # noqa: S102
        said = printed.getvalue()
        return f"```python\n{block[1]}```\n" + (f"\n```text\n{said}```\n" if said else "")

    (folder / "images").mkdir(exist_ok=True)
    with _working_in(folder):
        return BLOCK.sub(fresh, page.read_text("utf-8"))


@contextlib.contextmanager
def _working_in(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)
