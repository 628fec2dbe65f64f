"""The labels of categories, shortened so that different categories keep different labels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tidynet.plot.theme import clean_svg, text_columns

_NARROW, _BROAD = frozenset("fijlrtI.,:;'|!()[] "), frozenset("mwMW@%<>&+=~")
_EMPTY = "(empty)"
_HEADS = (0.6, 0.5, 0.4, 0.3, 0.2)  # shares of the width that the start of a label may keep


def text_width(text: str) -> float:
    """The width of a text in a proportional font, in small letters of average width."""
    return sum(map(_letter_width, text))


def _letter_width(letter: str) -> float:
    if letter in _NARROW:
        return 0.6
    if letter in _BROAD:
        return 1.5
    return 1.2 if letter.isupper() else (0.0, 1.0, 1.7)[text_columns(letter)]


def fit_labels(labels: Sequence[str], width: float) -> list[str]:
    """The labels on one line of at most `width` small letters each.

    A label is cut at its end if all stay different, else in its middle: its start and the part that differs are kept.
    """
    texts = [" ".join(clean_svg(label).split()) or _EMPTY for label in labels]
    fitted = [_fit(text, width) for text in texts]
    for group in _equal(fitted):
        for candidate in _shortened_in_the_middle([texts[index] for index in group], width):
            if len({*candidate}) == len(group) and not {*candidate} & {*_others(fitted, group)}:
                break
        else:
            candidate = _numbered([texts[index] for index in group], width)
        for index, text in zip(group, candidate, strict=True):
            fitted[index] = text
    return fitted


def _equal(texts: Sequence[str]) -> list[list[int]]:
    """The indices of texts that are equal to another one."""
    groups: dict[str, list[int]] = {}
    for index, text in enumerate(texts):
        groups.setdefault(text, []).append(index)
    return [group for group in groups.values() if len(group) > 1]


def _others(texts: Sequence[str], group: Sequence[int]) -> Iterator[str]:
    return (text for index, text in enumerate(texts) if index not in group)


def _shortened_in_the_middle(texts: Sequence[str], width: float) -> Iterator[list[str]]:
    first, last = _common(texts), _common([text[::-1] for text in texts])
    if first:
        rests = [text[first:] for text in texts]
        yield [_joined(text, rest, "", width) for text, rest in zip(texts, rests, strict=True)]
        if last:
            rests = [text[first : len(text) - last] for text in texts]
            yield [_joined(text, rest, "…", width) for text, rest in zip(texts, rests, strict=True)]
    for share in _HEADS:
        yield [_cut(text, share * (width - 1), width) for text in texts]
    first = _equal_letters(texts)
    yield [f"{_start(text, width / 4)}…{_fit(text[first:], width * 3 / 4 - 1)}" for text in texts]


def _equal_letters(texts: Sequence[str]) -> int:
    """The number of letters that all texts start with."""
    letters = enumerate(zip(*texts, strict=False))
    return next((n for n, column in letters if len({*column}) > 1), min(map(len, texts)))


def _common(texts: Sequence[str]) -> int:
    """The length of the words that all texts start with."""
    return max((n + 1 for n in range(_equal_letters(texts)) if not texts[0][n].isalnum()), default=0)


def _joined(text: str, rest: str, end: str, width: float) -> str:
    """As much of the start as fits beside the rest."""
    room = width - 1 - len(end) - text_width(rest)
    if room < 0:
        return f"…{_fit(rest, width - 1 - len(end))}{end}"
    return f"{_start(text, room)}…{rest}{end}" if text_width(text) > width else text


def _fit(text: str, width: float) -> str:
    return text if text_width(text) <= width else f"{_start(text, width - 1)}…"


def _cut(text: str, head: float, width: float) -> str:
    if text_width(text) <= width:
        return text
    start = _start(text, head)
    return f"{start}…{_end(text, width - 1 - text_width(start))}"


def _start(text: str, width: float) -> str:
    length = next((n for n in range(len(text), 0, -1) if text_width(text[:n]) <= width), 0)
    return text[:length].rstrip(" \u200d\ufe0f")


def _end(text: str, width: float) -> str:
    start = next((n for n in range(len(text)) if text_width(text[n:]) <= width), len(text))
    while start < len(text) and text_columns(text[start]) == 0:  # no accent without its letter
        start += 1
    return text[start:].lstrip()


def _numbered(texts: Sequence[str], width: float) -> list[str]:
    numbers = [f" ({number})" for number in range(1, len(texts) + 1)]
    return [_fit(text, width - len(number)) + number for text, number in zip(texts, numbers, strict=True)]
