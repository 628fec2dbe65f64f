"""Names of months and weekdays in several languages, with their short forms."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

_MONTHS = """
january february march april may june july august september october november december
januar februar märz april mai juni juli august september oktober november dezember
jänner feber maerz april mai juni juli august september oktober november dezember
janvier février mars avril mai juin juillet août septembre octobre novembre décembre
enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre
gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre
janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro
januari februari maart april mei juni juli augustus september oktober november december
stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia
styczeń luty marzec kwiecień maj czerwiec lipiec sierpień wrzesień październik listopad grudzień
januari februari mars april maj juni juli augusti september oktober november december
januar februar marts april maj juni juli august september oktober november december
januar februar mars april mai juni juli august september oktober november desember
ledna února března dubna května června července srpna září října listopadu prosince
leden únor březen duben květen červen červenec srpen září říjen listopad prosinec
ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık
января февраля марта апреля мая июня июля августа сентября октября ноября декабря
январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь
ianuarie februarie martie aprilie mai iunie iulie august septembrie octombrie noiembrie decembrie
január február március április május június július augusztus szeptember október november december
gener febrer març abril maig juny juliol agost setembre octubre novembre desembre
"""
_WEEKDAYS = """
monday tuesday wednesday thursday friday saturday sunday
montag dienstag mittwoch donnerstag freitag samstag sonntag
lundi mardi mercredi jeudi vendredi samedi dimanche
lunes martes miércoles jueves viernes sábado domingo
lunedì martedì mercoledì giovedì venerdì sabato domenica
segunda terça quarta quinta sexta sábado domingo
maandag dinsdag woensdag donderdag vrijdag zaterdag zondag
poniedziałek wtorek środa czwartek piątek sobota niedziela
måndag tisdag onsdag torsdag fredag lördag söndag
mandag tirsdag onsdag torsdag fredag lørdag søndag
понедельник вторник среда четверг пятница суббота воскресенье
"""
_SHORT = {"mo": 0, "di": 1, "mi": 2, "do": 3, "fr": 4, "sa": 5, "so": 6, "thurs": 3, "sonnabend": 5}


def fold(text: str) -> str:
    """A word in lower case without accents."""
    decomposed = unicodedata.normalize("NFKD", text.lower())
    return "".join(letter for letter in decomposed if not unicodedata.category(letter).startswith("M"))


def _names(lines: str, first: int) -> dict[str, int]:
    """Each name, and each beginning of three letters or more that belongs to one number alone."""
    full: dict[str, int] = {}
    short: dict[str, set[int]] = {}
    for line in lines.split("\n"):
        for number, word in enumerate(line.split(), start=first):
            name = fold(word)
            full.setdefault(name, number)
            for length in range(3, len(name)):
                short.setdefault(name[:length], set()).add(number)
    unique = {name: next(iter(numbers)) for name, numbers in short.items() if len(numbers) == 1}
    return {**unique, **full}


MONTHS: Mapping[str, int] = {**_names(_MONTHS, 1), "sept": 9, "mrz": 3, "mar": 3, "jun": 6, "jul": 7}
"""The number of each month, by its folded name."""

WEEKDAYS: Mapping[str, int] = {**_names(_WEEKDAYS, 0), **_SHORT}
"""The number of each weekday from Monday, by its folded name."""
