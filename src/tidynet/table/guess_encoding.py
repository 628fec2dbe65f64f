"""The encoding of a text that is not UTF-8, judged by the letters that it would give."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tidynet.core.text import join_names, shorten

_SAMPLE = 200_000
_BLOCK = 1 << 22
_MIN_SCORE = 0.6
_MIN_LEAD = 0.05
_EAST = ("shift_jis", "gb18030", "big5", "euc_jp", "euc_kr")
_CYRILLIC = ("cp1251", "koi8-r", "cp866", "iso8859-5")
_OTHER = ("cp1253", "cp1255", "cp1256")
_LATIN = ("cp1252", "cp1250", "iso8859-2", "cp1254", "cp1257", "cp850", "mac_roman")
_PYTHON_NAMES = {"shift_jis": "cp932"}
# Letters that are frequent in the languages of an encoding; others are signs that it is another one.
_FREQUENT = {
    "cp1252": "äöüßÄÖÜéèàçùâêîôûëïáíóúñãõåøæÅØÆÉÀÇÑÁÍÓÚœ€£°§²³µ«»–—’‘“”…©®·ºª¿¡",
    "cp1250": "ąćęłńóśźżĄĆĘŁŃÓŚŹŻáčďéěíňřšťúůýžÁČĎÉĚÍŇŘŠŤÚŮÝŽőűŐŰäöüßÄÖÜăîșțâđ€°§–—’“”„…",
    "iso8859-2": "ąćęłńóśźżĄĆĘŁŃÓŚŹŻáčďéěíňřšťúůýžÁČĎÉĚÍŇŘŠŤÚŮÝŽőűŐŰäöüßÄÖÜăîâđ°§",
    "cp1254": "ığşİĞŞçöüÇÖÜâîû€°–’“”",
    "cp1257": "āčēģīķļņšūžĀČĒĢĪĶĻŅŠŪŽąęėįųĄĘĖĮŲõäöüÕÄÖÜ€°–’“”",
    "cp850": "äöüßÄÖÜéèàçùâêîôûëïáíóúñãõåøæÅØÆÉÑ°§²³µ«»",
    "mac_roman": "äöüßÄÖÜéèàçùâêîôûëïáíóúñãõåøæÅØÆÉÀÇÑœ€£°§«»–—’‘“”…",
}


@dataclass(frozen=True, slots=True)
class EncodingGuess:
    """The encoding, None if no one stands out; the decoded words that speak for it; a hint for the user."""

    name: str | None
    evidence: str
    hint: str


def guess_encoding(path: Path) -> EncodingGuess:
    """The encoding whose letters form words, with the evidence."""
    lines = list(_foreign_lines(path))
    sample = b"\n".join(lines)
    if not sample or _is_damaged_utf8(sample):
        return EncodingGuess(None, "", "save it as UTF-8, or name its encoding with `--encoding`")
    scores: dict[str, tuple[float, str]] = {}
    for names, score in ((_EAST, _score_east), (_CYRILLIC, _score_cyrillic), (_OTHER, _score_other)):
        for name in names:
            text = _decoded(sample, name)
            if text is not None:
                scores[name] = (score(text, name), text)
    for name in _LATIN:
        text = _decoded(sample, name)
        if text is not None:
            scores[name] = (_score_latin(text, name), text)
    ranked = sorted(scores, key=lambda name: -scores[name][0])
    if not ranked:
        return EncodingGuess(None, "", "name its encoding with `--encoding`")
    best = ranked[0]
    others = [
        name for name in ranked[1:]
        if scores[best][0] - scores[name][0] < _MIN_LEAD and scores[name][1] != scores[best][1]
    ]  # fmt: skip
    if scores[best][0] < _MIN_SCORE or (others and best not in ("cp1252", "cp1250")):
        likely = join_names([name for name in ranked[:3] if scores[name][0] > 0.3] or ranked[:3], 3)
        return EncodingGuess(None, "", f"name its encoding with `--encoding`, such as {likely}")
    shown = f"it gives {_foreign_words(scores[best][1])}"
    if others:
        shown += f"; {others[0]} would give {_foreign_words(scores[others[0]][1])}"
    return EncodingGuess(best, shown, "")


def _foreign_lines(path: Path) -> Iterator[bytes]:
    """Lines with bytes beyond ASCII, as many as are needed to judge."""
    size = 0
    rest = b""
    with path.open("rb") as file:
        while size < _SAMPLE and (block := file.read(_BLOCK)):
            lines = re.split(rb"[\r\n]+", rest + block)
            rest = lines.pop()
            for line in lines:
                if not line.isascii():
                    size += len(line)
                    yield line
                    if size > _SAMPLE:
                        return
    if rest and not rest.isascii():
        yield rest


def _decoded(sample: bytes, name: str) -> str | None:
    try:
        text = sample.decode(_PYTHON_NAMES.get(name, name))
    except UnicodeDecodeError:
        return None
    controls = sum(unicodedata.category(letter) in ("Cc", "Co", "Cn") and letter not in "\t\n\r" for letter in text)
    return None if controls else text


def _is_damaged_utf8(sample: bytes) -> bool:
    """Whether most of the foreign letters are UTF-8, so that a single byte is damaged."""
    replaced = sample.decode("utf-8", errors="replace")
    good = sum(ord(letter) > 127 and letter != "\ufffd" for letter in replaced)
    return good > 0 and good >= replaced.count("\ufffd")


def _foreign(text: str) -> list[str]:
    return [letter for letter in text if ord(letter) > 127]


def _foreign_words(text: str) -> str:
    words = dict.fromkeys(word for word in re.findall(r"[^\s,;|\t\"']+", text) if not word.isascii())
    return join_names([shorten(word, 20) for word in list(words)[:2]])


def _score_east(text: str, name: str) -> float:
    """The share of frequent signs: kana, the common half of each set of ideographs, hangul."""
    foreign = _foreign(text)
    wide = [letter for letter in foreign if ord(letter) > 0x2E80 or letter in "、。・「」"]
    if len(wide) < 0.9 * len(foreign) or not foreign:
        return 0.0
    # A wide letter beside a Latin one is a Western letter and its neighbor, read as one.
    beside = len(re.findall(r"[A-Za-z][^\x00-\u2e7f]|[^\x00-\u2e7f][A-Za-z]", text))
    runs = re.findall(r"[^\x00-\u2e7f]+", text)
    if beside > 0.2 * len(wide) or len(wide) < 1.5 * len(runs):
        return 0.0
    if name == "euc_kr":
        return sum("가" <= letter <= "힣" for letter in wide) / len(wide)
    kana = sum("\u3040" <= letter <= "\u30ff" for letter in wide)
    half = sum("\uff61" <= letter <= "\uff9f" for letter in wide)
    common: Callable[[str], bool]
    if name in ("shift_jis", "euc_jp"):
        common = lambda letter: _lead(letter, "shift_jis", 0x88, 0x97)  # noqa: E731
    elif name == "big5":
        common = lambda letter: _lead(letter, "big5", 0xA4, 0xC6)  # noqa: E731
    else:
        common = lambda letter: _lead(letter, "gb2312", 0xB0, 0xD7)  # noqa: E731
    share = sum(map(common, wide)) / len(wide)
    if name in ("shift_jis", "euc_jp"):
        # Japanese in EUC has kana; without them it is more likely Chinese.
        sure = 0.1 if kana else -0.1 if name == "euc_jp" else 0.0
        return (sum(map(common, wide)) + kana - half) / len(wide) + sure
    return share


def _lead(letter: str, encoding: str, first: int, last: int) -> bool:
    try:
        code = letter.encode(encoding)
    except UnicodeEncodeError:
        return False
    return len(code) == 2 and first <= code[0] <= last


def _score_cyrillic(text: str, _: str) -> float:
    """The share of words of one script whose capitals stand in front only."""
    words = [word for word in re.findall(r"[^\W\d_]+", text) if not word.isascii()]
    letters = "".join(words)
    if not words or sum("\u0400" <= letter <= "\u04ff" for letter in letters) < 0.95 * len(letters):
        return 0.0
    plain = [word for word in words if word == word.lower() or word == word.upper() or word == word.capitalize()]
    russian = sum(letter.lower() in "абвгдеёжзийклмнопрстуфхцчшщъыьэюяіїєґђјљњћџў" for letter in letters) / len(letters)
    frequent = sum(letter.lower() in "оеаинтсрвлкмдпуыья" for letter in letters) / len(letters)
    signs = len(_foreign(re.sub(r"[^\W\d_]", "", text))) / max(1, len(_foreign(text)))
    long_words = sum(len(word) > 2 for word in words) / len(words)
    upper = sum(word.isupper() and len(word) > 1 for word in words) / len(words)
    return (
        len(plain) / len(words) * russian * min(1.0, 0.45 + frequent) * (1 - signs) * (0.5 + 0.5 * long_words)
        - 0.1 * upper
    )


def _score_other(text: str, name: str) -> float:
    """The share of Greek, Hebrew or Arabic letters among foreign ones, in words of one script."""
    first, last = {"cp1253": ("\u0370", "\u03ff"), "cp1255": ("\u0590", "\u05ff"), "cp1256": ("\u0600", "\u06ff")}[name]
    foreign = _foreign(text)
    words = [word for word in re.findall(r"[^\W\d_]{2,}", text) if not word.isascii()]
    pure = [word for word in words if len(word) > 1 and all(first <= letter <= last for letter in word)]
    cased = [word for word in pure if word in (word.lower(), word.upper(), word.capitalize())]
    if not words or len(pure) < 0.5 * len(words):
        return 0.0
    share = sum(first <= letter <= last for letter in foreign) / len(foreign) * len(cased) / len(words)
    if name != "cp1253":
        return share
    # A Greek word of several syllables has one accent, unless it is written in capitals.
    accented = [word for word in pure if word.isupper() or len(re.findall("[άέήίόύώΐΰΆΈΉΊΌΎΏ]", word)) == 1]
    return share * len(accented) / len(pure)


def _score_latin(text: str, name: str) -> float:
    """The share of frequent letters, less for signs inside words and for words of foreign letters alone."""
    foreign = _foreign(text)
    frequent = sum(letter in _FREQUENT[name] for letter in foreign) / len(foreign)
    inside = len(re.findall(r"(?<=[^\W\d_])[^\w\s\x00-\x7f](?=[^\W\d_])", text))
    runs = sum(len(run) for run in re.findall(r"[^\W\d_\x00-\x7f]{3,}", text))
    penalty = (inside + runs + sum(map(_is_upper_inside, re.findall(r"[^\W\d_]{2,}", text)))) / len(foreign)
    prior = {"cp1252": 0.06, "cp1250": 0.03}.get(name, 0.0)
    return frequent - penalty - 0.1 + prior


def _is_upper_inside(word: str) -> bool:
    """Whether a foreign capital stands among small letters, as when an encoding is wrong."""
    return any(ord(letter) > 127 and letter.isupper() for letter in word[1:]) and any(map(str.islower, word))
