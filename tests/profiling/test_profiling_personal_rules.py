"""Personal data are found by values that prove themselves, or by names and values together."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import polars as pl
import pytest

from tidynet.profiling import profile_table
from tidynet.profiling.findings.personal_patterns import is_card, is_cpf, is_iban

ROWS = 60
FIRST = ("James", "Mary", "Hans", "Olga", "Pierre", "Zork", "Xavia")
LAST = ("Smith", "Müller", "O'Neil", "García", "Nowak")


def personal(**columns: list[Any]) -> dict[str, str]:
    frame = pl.DataFrame({**columns, "noise": np.random.default_rng(0).normal(size=ROWS)})
    findings = [item for item in profile_table(frame).findings if item.code == "personal-data"]
    assert all(not item.examples and item.rows for item in findings)  # a report does not show them
    return {item.columns[0]: item.sentence for item in findings}


def iban(number: int) -> str:
    account = f"37040044{number:010d}"
    return f"DE{98 - int(account + '131400') % 97:02d} {account}"


def card(number: int) -> str:
    return next(text for digit in range(10) if is_card(text := f"4111{number:011d}{digit}"))


@pytest.mark.parametrize(
    ("name", "values", "kind"),
    [
        ("contact", [f"p.q{i}@mail.example.org" for i in range(ROWS)], "e-mail addresses"),
        ("konto", [iban(7919 * i) for i in range(ROWS)], "IBANs"),
        ("payment", [card(i) for i in range(ROWS)], "credit card numbers"),
        ("payment", [int(card(i)) for i in range(ROWS)], "credit card numbers"),
        ("id", [f"{100 + i}-{10 + i}-{1000 + i}" for i in range(ROWS)], "social security numbers"),
        ("x", [f"+49 55501 {i:05d}" for i in range(ROWS)], "telephone numbers"),
        ("x", [f"(555) {100 + i}-{1000 + i}" for i in range(ROWS)], "telephone numbers"),
        ("Telefon", [f"0555/{1000 + i}" for i in range(ROWS)], "telephone numbers"),
        ("phone_number", [5550100000 + 37 * i for i in range(ROWS)], "telephone numbers"),
        ("host", [f"10.{i}.0.{255 - i}" for i in range(ROWS)], "IP addresses"),
        ("passport", [f"C0{i:05d}X" for i in range(ROWS)], "national identity numbers"),
        ("last_name", [LAST[i % 5] + "abcde"[i % 3] for i in range(ROWS)], "names of people"),
        ("Vorname", [FIRST[i % 7] for i in range(ROWS)], "names of people"),
        ("name", [f"{FIRST[i % 7]} {LAST[i % 5]}" for i in range(ROWS)], "names of people"),
        ("name", [f"{LAST[i % 5]}, Mr. {FIRST[i % 7]}" for i in range(ROWS)], "names of people"),
        ("date_of_birth", [date(1950 + i % 40, 3, 1 + i % 28) for i in range(ROWS)], "dates of birth"),
    ],
)
def test_personal_data(name: str, values: list[Any], kind: str) -> None:
    assert personal(**{name: values}) == {name: f"{kind} in all rows"}


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("firmware", [f"10.{i}.0.{255 - i}" for i in range(ROWS)]),
        ("konto", [f"DE11 37040044{i:010d}" for i in range(ROWS)]),
        ("serial", [str(4111_0000_0000_0000 + i) for i in range(ROWS)]),
        ("serial", [4111_0000_0000_0000 + i for i in range(ROWS)]),
        ("name", [f"Toyota {'abcdefghij'[i % 10]}{i}" for i in range(ROWS)]),
        ("name", [("Amy", "Bob", "Claudette", "Danny", "Elena")[i % 5] for i in range(ROWS)]),
        ("name", [f"{('Red', 'Blue', 'Old')[i % 3]} {('River', 'Lake', 'Hill')[i // 3 % 3]}" for i in range(ROWS)]),
        ("phone", [("iPhone 12", "Galaxy S10", "Pixel 6")[i % 3] for i in range(ROWS)]),
        ("address", [f"0x{i:04x}" for i in range(ROWS)]),
        ("zip", [str(10_000 + i) for i in range(ROWS)]),
        ("code", [f"{i:03d}-{i:03d}-{i:05d}" for i in range(ROWS)]),
        ("born_in", [("Rome", "Oslo", "Bern")[i % 3] for i in range(ROWS)]),
        ("length", [5550100000 + 37 * i for i in range(ROWS)]),
        ("account", [f"@user{i}" for i in range(ROWS)]),
    ],
)
def test_what_is_not_personal(name: str, values: list[Any]) -> None:
    assert personal(**{name: values}) == {}


def test_places_are_personal_beside_people() -> None:
    places = {"zip": [str(10_000 + i) for i in range(ROWS)], "street": [f"{i} Main Street" for i in range(ROWS)]}
    assert personal(**places) == {}
    assert list(personal(mail=[f"p{i}@example.org" for i in range(ROWS)], **places)) == ["mail", "zip", "street"]


def test_some_values_are_counted() -> None:
    values = [f"p{i}@example.org" if i % 3 else "none given" for i in range(ROWS)]
    assert personal(contact=values) == {"contact": "e-mail addresses in 67% of rows"}


def test_check_digits() -> None:
    assert is_iban("FR14 2004 1010 0505 0001 3M02 606")
    assert not is_iban("FR14 2004 1010 0505 0001 3M02 607")
    assert is_card("5500-0000-0000-0004")
    assert not is_card("9500-0000-0000-0004")
    assert is_cpf("529.982.247-25")
    assert not is_cpf("529.982.247-26")
    assert not is_cpf("111.111.111-11")
