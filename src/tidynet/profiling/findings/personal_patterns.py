"""What personal data look like: patterns, check digits, and the words of column names."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def is_iban(text: str) -> bool:
    """Whether a text is an IBAN with right check digits (ISO 13616: the rest by 97 is 1).

    >>> is_iban("GB82 WEST 1234 5698 7654 32"), is_iban("GB82 WEST 1234 5698 7654 33")
    (True, False)
    """
    plain = text.replace(" ", "").upper()
    if not re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}", plain):
        return False
    return int("".join(str(int(letter, 36)) for letter in plain[4:] + plain[:4])) % 97 == 1


def is_card(text: str) -> bool:
    """Whether a text is a credit card number with a right check digit (Luhn).

    >>> is_card("4111 1111 1111 1111"), is_card("4111 1111 1111 1112")
    (True, False)
    """
    digits = re.sub(r"[ -]", "", text)
    if not re.fullmatch(r"(?:4\d{12}(?:\d{3})?|5[1-5]\d{14}|2[2-7]\d{14}|3[47]\d{13}|3[068]\d{12}|6\d{15})", digits):
        return False
    doubled = [int(digit) * (1 + index % 2) for index, digit in enumerate(reversed(digits))]
    return sum(value - 9 * (value > 9) for value in doubled) % 10 == 0


def is_social_security_number(text: str) -> bool:
    """Whether a text has the form of a US social security number.

    >>> is_social_security_number("219-09-9999"), is_social_security_number("666-09-9999")
    (True, False)
    """
    return bool(re.fullmatch(r"(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}", text))


def is_cpf(text: str) -> bool:
    """Whether a text is a Brazilian taxpayer number with right check digits."""
    digits = [int(digit) for digit in re.sub(r"\D", "", text)]
    if len(digits) != 11 or len(set(digits)) == 1 or not re.fullmatch(r"[\d.\-]+", text):
        return False
    for length in (9, 10):
        weighted = sum(digit * (length + 1 - index) for index, digit in enumerate(digits[:length]))
        if (weighted * 10 % 11) % 10 != digits[length]:
            return False
    return True


def _has_digits(text: str) -> bool:
    return sum(letter.isdigit() for letter in text) >= 4


@dataclass(frozen=True, slots=True)
class PersonalKind:
    """One kind of personal data: `pattern` screens the values, `proves` checks the digits.

    A column has it if a fraction `enough` of its values fit, and the name has one of the words if there are any.
    """

    plural: str
    pattern: str
    enough: float
    words: frozenset[str] = frozenset()
    excluded: frozenset[str] = frozenset()
    proves: Callable[[str], bool] | None = None


_OCTET = r"(?:25[0-5]|2[0-4]\d|1?\d?\d)"
PHONE_WORDS: Final = _words("phone telephone tel mobile fax handy telefon telefono telefone celular movil tfno")
_NATIONAL_WORDS = _words(
    """ssn passport reisepass pasaporte nino dni nif nie bsn personnummer pesel svnr sozialversicherungsnummer
    steuernummer steuerid codicefiscale aadhaar curp nss insee driverslicense"""
)
_NETWORK_EXCLUDED = _words("version release firmware build ver rev oid section chapter")

KINDS: Final = (
    PersonalKind("e-mail addresses", r"(?i)^\s*[\w.+%'-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}\s*$", 0.5),
    PersonalKind("IBANs", r"^[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}$", 0.5, proves=is_iban),
    PersonalKind("credit card numbers", r"^\d{4}[ -]?\d{4,6}[ -]?\d{4,5}[ -]?\d{0,4}$", 0.9, proves=is_card),
    PersonalKind("social security numbers", r"^\d{3}-\d{2}-\d{4}$", 0.9, proves=is_social_security_number),
    PersonalKind("taxpayer numbers", r"^\d{3}\.\d{3}\.\d{3}-\d{2}$", 0.9, proves=is_cpf),
    PersonalKind("national identity numbers", r"^[A-Za-z0-9 ./-]{6,20}$", 0.8, _NATIONAL_WORDS, proves=_has_digits),
    PersonalKind("IP addresses", rf"^(?:{_OCTET}\.){{3}}{_OCTET}$", 0.9, excluded=_NETWORK_EXCLUDED),
    PersonalKind("IP addresses", r"^(?:[0-9a-fA-F]{0,4}:){3,7}[0-9a-fA-F]{0,4}$", 0.9, excluded=_NETWORK_EXCLUDED),
    PersonalKind("telephone numbers", r"^\+\d[\d ()/.-]{6,18}\d$", 0.8),
    PersonalKind("telephone numbers", r"^(?:1[ .-])?\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}(?: ?x\d+)?$", 0.8),
    PersonalKind(
        "telephone numbers", r"^\+?[\d(][\d ()/.-]{4,18}\d$", 0.8, PHONE_WORDS, _words("calls count minutes plan")
    ),
)

NAME_WORDS: Final = _words(
    "vorname nachname familienname surname firstname lastname forename givenname fullname prenom apellido"
) | _words("apellidos cognome sobrenome achternaam voornaam fornavn etternavn efternamn imie nazwisko")
NAME_PAIRS: Final = tuple(
    frozenset(pair)
    for pair in (("first", "name"), ("last", "name"), ("family", "name"), ("full", "name"), ("given", "name"))
)
OWNER_WORDS: Final = _words(
    """patient customer client employee person student teacher contact passenger owner author user member guest driver
    kunde mitarbeiter patientin cliente empleado employe"""
)
PLAIN_NAME_WORDS: Final = _words("name names nombre nom nome naam navn namn")
TITLE: Final = r"(?:^|[\s,])(?:Mr|Mrs|Ms|Miss|Master|Dr|Prof|Rev|Herr|Frau|Sr|Sra|Mme|Mlle|Sig)\.?\s"
FULL_NAME: Final = r"^\p{Lu}[\p{L}'’.-]+,? (?:\p{Lu}[\p{L}'’.-]* ?){1,3}$"
ONE_NAME: Final = r"^\p{Lu}[\p{L}'’ .-]{1,30}$"
# Frequent first names: a column of names of people has them, one of cars or towns hardly.
FIRST_NAMES: Final = _words(
    """james john robert michael william david richard joseph thomas charles christopher daniel matthew anthony mark
    donald steven paul andrew joshua kenneth kevin brian george edward ronald timothy jason jeffrey ryan jacob gary
    nicholas eric jonathan stephen larry justin scott brandon benjamin samuel gregory frank alexander raymond patrick
    jack dennis jerry tyler aaron jose adam nathan henry peter zachary kyle walter harold jeremy ethan carl keith roger
    gerald christian terry sean arthur austin noah lawrence jesse joe bryan billy jordan albert dylan bruce willie
    mary patricia jennifer linda elizabeth barbara susan jessica sarah karen lisa nancy betty margaret sandra ashley
    kimberly emily donna michelle carol amanda dorothy melissa deborah stephanie rebecca sharon laura cynthia kathleen
    amy angela shirley anna brenda pamela emma nicole helen samantha katherine christine debra rachel carolyn janet
    catherine maria heather diane ruth julie olivia joyce virginia victoria kelly lauren christina joan evelyn judith
    hans klaus jurgen wolfgang dieter manfred uwe gunter stefan andreas thomas sabine monika ursula petra claudia anja
    jean pierre michel andre philippe alain jacques marie nathalie isabelle sylvie catherine francoise antonio manuel
    francisco juan javier carlos carmen josefa isabel dolores pilar giuseppe giovanni mario luigi anna rosa angela
    lars sven erik nils ingrid astrid piotr jan krzysztof andrzej katarzyna malgorzata agnieszka ali mohamed ahmed
    fatima wei li ming yuki hiroshi ann anne ivan olga elena natalia dmitri sergei lena max leon felix lukas nina"""
)
BIRTH_DATE_WORDS: Final = _words(
    "dob birth birthdate birthday born geburtsdatum geburtstag geboren nacimiento naissance nascita nascimento"
)
STREET_WORDS: Final = _words("address street strasse adresse anschrift direccion calle rue via indirizzo endereco")
STREET: Final = r"^(?:\d+\S* \p{L}.*|\p{L}.* \d+\s*\p{L}?(?:,.*)?)$"
POSTCODE_WORDS: Final = _words("zip zipcode postcode postal plz postleitzahl postal cep cap")
POSTCODE: Final = r"^(?:\p{L}{1,2}[- ]?)?\d[\p{L}\d -]{2,9}$"
