"""The words of a column name, in lower case and without accents."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_WORD = re.compile(r"[^\W\d_]+|%")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


@lru_cache(maxsize=4096)
def name_words(name: str) -> tuple[str, ...]:
    """The words of a name: `patientAge (years)` is patient, age, years."""
    letters = unicodedata.normalize("NFKD", _HUMP.sub(" ", name))
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return tuple(word.casefold() for word in _WORD.findall(plain))
