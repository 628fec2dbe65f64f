"""Values that the name of a column rules out: one row for each quantity.

A name may mean something else, so the values must agree with it: nearly all of them lie within the limits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class ValueLimits:
    """What values a quantity can have; `words` are those of a name, `excluded` mean another quantity."""

    quantity: str
    words: frozenset[str]
    low: float
    high: float
    excluded: frozenset[str] = frozenset()
    only: frozenset[str] | None = None  # the other words that the name may have
    is_whole: bool = False
    is_certain: bool = True  # otherwise the values are rare but possible
    is_far: bool = False  # values outside count only if the others keep away from the limit: logarithms do not


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


CHANGE_WORDS: Final = _words(
    """change changes diff difference delta net growth increase decrease gain loss return returns margin deviation
    error errors residual residuals score scores z std sd se log ln variation variance balance yoy mom index anomaly
    relative centered scaled normalized standardized adj adjustment correction bias shift lag trend slope effect
    coef coefficient offset surplus deficit logit veranderung abweichung differenz variacion ecart differenza"""
)
AHEAD_WORDS: Final = _words(
    """target due end ends expiry expires expiration expire valid until plan planned expected estimated forecast
    projection projected scenario maturity retirement deadline next delivery renewal renew schedule scheduled future
    event appointment booking reservation arrival departure checkout check stay travel flight start model time
    ablauf fallig termin frist ende soll ziel fin vencimiento scadenza"""
)
YEAR_WORDS: Final = _words("year jahr ano annee anno jaar rok год baujahr erscheinungsjahr yr")
BIRTH_WORDS: Final = _words(
    """birth born dob birthdate birthday birthyear geburt geburtsdatum geburtstag geburtsjahr geboren nacimiento
    naissance nascita nascimento"""
)
_PERSON: Final = _words(
    """patient person customer client employee worker of at in the mean years year yrs yr y mother mothers father
    fathers maternal paternal child parent spouse husband wife driver passenger respondent participant student user
    member subject diagnosis death onset enrollment admission baseline first last der des im jahre jahren anos ans
    anni patients victim offender player athlete head self reported completed current own"""
)
_AGE: Final = _words("age ages alter edad eta idade leeftijd alder wiek vek возраст yas ika eletkor varsta")
_COUNTS: Final = _words(
    """count counts anzahl population inhabitants einwohner residents passengers visitors employees children siblings
    rooms bedrooms bathrooms doors cylinders visits clicks pages births deaths goals cases households kinder besucher
    zimmer habitantes hijos habitants enfants abitanti figli populacao"""
)
_PERCENT: Final = _words("percent percentage pct perc prozent porcentaje pourcentage percentuale porcentagem procent %")
_BEYOND_100: Final = CHANGE_WORDS | _words(
    """predicted target expected capacity utilization achieved attainment goal markup normal reference budget plan
    baseline rate interest apr yield ratio roi load overhead inflation tax daily dv max maximum of"""
)
_SIZES: Final = _words(
    """weight height width length distance area duration speed volume mass mileage
    gewicht breite lange flache dauer entfernung peso altura ancho superficie distancia duracion
    poids hauteur largeur longueur duree distanza durata"""
)
_NO_SIZE: Final = _words("for age sea level elevation above below water tide wave to from zscore vector component x y")
_PRICES: Final = _words("price prices preis precio prix prezzo preco cost costs kosten fare rent miete")
_PROBABILITIES: Final = _words("probability prob probabilities wahrscheinlichkeit probabilidad probabilite probabilita")
_HUMIDITY: Final = _words("humidity luftfeuchte luftfeuchtigkeit humedad humidite umidita")
_ANY: Final = float("inf")

# The first row that fits a name and its values counts.
LIMITS: Final = (
    ValueLimits("age", _AGE, 0, 120, CHANGE_WORDS, only=_PERSON),
    ValueLimits("age", _AGE, 0, _ANY, CHANGE_WORDS),
    ValueLimits("percentage", _PERCENT, 0, 100, _BEYOND_100),
    ValueLimits(
        "share",
        _words("share fraction proportion anteil proporcion proporzione frac prop"),
        *(0, 1),
        CHANGE_WORDS | _words("price prices number shares market capital"),
    ),
    ValueLimits("probability", _PROBABILITIES, 0, 1, CHANGE_WORDS),
    ValueLimits("latitude", _words("latitude lat breitengrad latitud latitudine"), -90, 90, CHANGE_WORDS),
    ValueLimits("longitude", _words("longitude lon lng langengrad longitud longitudine"), -180, 360, CHANGE_WORDS),
    ValueLimits(
        "month", _words("month monat mes mois mese maand"), 1, 12, CHANGE_WORDS | _words("of per since"), is_whole=True
    ),
    ValueLimits(
        "hour", _words("hour stunde hora heure uur"), 0, 24, CHANGE_WORDS | _words("of per since"), is_whole=True
    ),
    ValueLimits("weekday", _words("weekday wochentag dow"), 0, 7, CHANGE_WORDS, is_whole=True),
    ValueLimits("humidity", _HUMIDITY, 0, 100, CHANGE_WORDS | _words("absolute specific")),
    ValueLimits("pH", _words("ph"), 0, 14, CHANGE_WORDS | _words("value"), is_certain=False),
    ValueLimits("count", _COUNTS, 0, _ANY, CHANGE_WORDS, is_whole=True),
    ValueLimits("size", _SIZES, 0, _ANY, CHANGE_WORDS | _NO_SIZE, is_far=True),
    ValueLimits("price", _PRICES, 0, _ANY, CHANGE_WORDS | _words("discount"), is_certain=False),
)
