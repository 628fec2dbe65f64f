"""core.text: every count, number, percentage, p-value, interval, list, duration and size."""

from __future__ import annotations

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidynet.core import text


@pytest.mark.parametrize(
    ("count", "noun", "plural", "expected"),
    [
        (0, "row", "", "0 rows"),
        (1, "row", "", "1 row"),
        (2, "row", "", "2 rows"),
        (19_537, "row", "", "19,537 rows"),
        (1, "category", "categories", "1 category"),
        (3, "category", "categories", "3 categories"),
    ],
)
def test_pluralize(count: int, noun: str, plural: str, expected: str) -> None:
    assert text.pluralize(count, noun, plural) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (7, "7"),
        (-2.0, "−2"),
        (0.12345, "0.123"),
        (-0.5, "−0.5"),
        (3.14159, "3.14"),
        (31.4159, "31.4"),
        (314.159, "314"),
        (1234567.0, "1,234,567"),
        (1234567.8, "1,234,568"),
        (math.nan, "–"),
        (math.inf, "∞"),
        (-math.inf, "−∞"),
    ],
)
def test_format_number(value: float, expected: str) -> None:
    assert text.format_number(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (12.0, "12"),
        (999.0, "999"),
        (1_000, "1 thousand"),
        (45_678, "45.7 thousand"),
        (999_499, "999 thousand"),
        (999_999, "1 million"),
        (1_234_567, "1.23 million"),
        (2.5e9, "2.5 billion"),
        (1.2345e12, "1,230 billion"),
    ],
)
def test_format_large_number(value: float, expected: str) -> None:
    assert text.format_large_number(value) == expected


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1_000, "1 kB"),
        (12_345, "12.3 kB"),
        (999_999, "1 MB"),
        (1_080_000, "1.08 MB"),
        (3_000_000_000_000, "3,000 GB"),
    ],
)
def test_format_bytes(count: int, expected: str) -> None:
    assert text.format_bytes(count) == expected


@pytest.mark.parametrize(
    ("fraction", "expected"),
    [
        (0.0, "0%"),
        (0.0001, "under 0.1%"),
        (0.001, "0.1%"),
        (0.0123, "1.2%"),
        (0.05, "5%"),
        (0.123, "12%"),
        (0.5, "50%"),
        (0.99, "99%"),
        (0.994, "99.4%"),
        (0.999, "99.9%"),
        (0.9999, "over 99.9%"),
        (1.0, "100%"),
        (1.5, "150%"),
        (-0.25, "−25%"),
    ],
)
def test_format_percent(fraction: float, expected: str) -> None:
    assert text.format_percent(fraction) == expected


@given(st.floats(0, 1, exclude_min=True, exclude_max=True))
def test_a_fraction_between_is_never_0_or_100_percent(fraction: float) -> None:
    assert text.format_percent(fraction) not in ("0%", "0.0%", "100%", "100.0%")


@pytest.mark.parametrize(
    ("p", "expected"),
    [
        (0.0, "p < 0.001"),
        (0.00099, "p < 0.001"),
        (0.001, "p = 0.001"),
        (0.0312, "p = 0.031"),
        (0.1, "p = 0.10"),
        (0.5, "p = 0.50"),
        (1.0, "p = 1.00"),
    ],
)
def test_format_p(p: float, expected: str) -> None:
    assert text.format_p(p) == expected


@pytest.mark.parametrize(
    ("value", "low", "high", "expected"),
    [
        (0.98551, 0.95652, 1.0, "0.986 (0.957 to 1.000)"),
        (3.7245, 3.6119, 3.8412, "3.72 (3.61 to 3.84)"),
        (-0.36, -0.43, -0.28, "−0.36 (−0.43 to −0.28)"),
        (1500.0, 1200.0, 1900.0, "1,500 (1,200 to 1,900)"),
        (1.0, 1.0, 1.0, "1.000"),
        (0.0, 0.0, 0.0, "0.000"),
    ],
)
def test_format_with_interval(value: float, low: float, high: float, expected: str) -> None:
    assert text.format_with_interval(value, low, high) == expected


@given(st.tuples(*[st.floats(-1e6, 1e6)] * 3).map(sorted))
def test_a_value_and_its_limits_have_equal_decimals(numbers: list[float]) -> None:
    low, value, high = numbers
    parts = re.findall(r"[\d,]+(?:\.(\d+))?(?=[ )]|$)", text.format_with_interval(value, low, high))
    assert len({len(decimals) for decimals in parts}) == 1 or "e" in text.format_with_interval(value, low, high)


@pytest.mark.parametrize(
    ("value", "decimals", "plain", "signed"),
    [
        (0.0123, 2, "0.01", "+0.01"),
        (-0.0123, 2, "−0.01", "−0.01"),
        (-0.0001, 2, "0.00", "0.00"),
        (12345.6, 0, "12,346", "+12,346"),
        (4e9, 0, "4e9", "+4e9"),
    ],
)
def test_format_value_and_format_signed(value: float, decimals: int, plain: str, signed: str) -> None:
    assert (text.format_value(value, decimals), text.format_signed(value, decimals)) == (plain, signed)


def test_decimals_for_difference_show_a_limit_near_zero() -> None:
    assert text.decimals_for_interval(-0.2, -0.5, -0.0003) == 2
    assert text.decimals_for_difference(-0.2, -0.5, -0.0003) == 4


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0.0, "0 s"),
        (0.042, "0.04 s"),
        (3.21, "3.2 s"),
        (59.4, "59 s"),
        (75.2, "1 min 15 s"),
        (3599.8, "1 h 0 min"),
        (7300.0, "2 h 1 min"),
    ],
)
def test_format_duration(seconds: float, expected: str) -> None:
    assert text.format_duration(seconds) == expected


@pytest.mark.parametrize(
    ("iso", "expected"),
    [
        ("2030-01-02", "2030-01-02"),
        ("2030-01-02T00:00:00", "2030-01-02"),
        ("2030-01-02T12:00:00", "2030-01-02 12:00"),
        ("2030-01-02T03:04:05+00:00", "2030-01-02 03:04:05 UTC"),
    ],
)
def test_format_datetime(iso: str, expected: str) -> None:
    assert text.format_datetime(iso) == expected


def test_lists() -> None:
    assert text.join_names([]) == ""
    assert text.join_names("ab") == "'a', 'b'"
    assert text.join_names("abcd", limit=2) == "'a', 'b' and 2 more"
    assert text.join_list(range(1, 4)) == "1, 2, 3"
    assert text.join_list(range(2_000), limit=1) == "0 and 1,999 more"
    assert text.list_columns(["x" * 50, "y"]) == f"'{'x' * 39}…', 'y'"


def test_names_and_sentences() -> None:
    assert text.shorten("flipper length", 8) == "flipper…"
    assert text.quote("two\nlines") == "'two lines'"
    assert text.printable("red \x1b[31m") == "red \\x1b[31m"
    assert text.sentence("no column is missing") == "No column is missing."
    assert text.sentence("is it?") == "Is it?"
    assert text.capitalize("") == ""
    assert text.drop_call(["a", "b c"]) == "tn.read(frame).drop('a', 'b c')"


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (0.5881, 0.5602, "lowers the log loss from 0.5881 to 0.5602"),
        (0.5, 0.6, "raises the log loss from 0.5000 to 0.6000"),
        (0.58814, 0.58813, "leaves the log loss at 0.5881"),
    ],
)
def test_change_text(before: float, after: float, expected: str) -> None:
    assert text.change_text("log loss", before, after) == expected
