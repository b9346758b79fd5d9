"""Words that state a day, a month or a number, in the languages we read most.

Optional: a language that is missing here is still compared by its digits and names.
"""

__all__ = ["DAY_WORDS", "NOUNS_CAPITALISED", "NUMBER_WORDS"]

_WEEKDAYS = (
    "monday tuesday wednesday thursday friday saturday sunday",
    "montag dienstag mittwoch donnerstag freitag samstag sonntag",
    "lundi mardi mercredi jeudi vendredi samedi dimanche",
    "lunes martes miércoles jueves viernes sábado domingo",
    "lunedì martedì mercoledì giovedì venerdì sabato domenica",
    "maandag dinsdag woensdag donderdag vrijdag zaterdag zondag",
)
_MONTHS = (
    "january february march april may june july august september october november december",
    "jan feb mar apr may jun jul aug sep oct nov dec",
    "januar februar märz april mai juni juli august september oktober november dezember",
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    "januari februari maart april mei juni juli augustus september oktober november december",
)
_NUMBERS = (
    "one two three four five six seven eight nine ten eleven twelve",
    "ein zwei drei vier fünf sechs sieben acht neun zehn elf zwölf",
    "un deux trois quatre cinq six sept huit neuf dix onze douze",
    "uno dos tres cuatro cinco seis siete ocho nueve diez once doce",
    "uno due tre quattro cinque sei sette otto nove dieci undici dodici",
    "um dois três quatro cinco seis sete oito nove dez onze doze",
    "een twee drie vier vijf zes zeven acht negen tien elf twaalf",
)
# Words that mean one thing more often than the number or month.
_AMBIGUOUS = frozenset({"one", "ein", "un", "uno", "um", "een", "once", "may", "mar", "mai"})

DAY_WORDS: dict[str, str] = {"sept": "m9"}
"""Weekday or month by its word: `monday` is `w1`, `march` is `m3`."""
for _row in _WEEKDAYS:
    DAY_WORDS.update({word: f"w{n}" for n, word in enumerate(_row.split(), 1)})
for _row in _MONTHS:
    DAY_WORDS.update(
        {word: f"m{n}" for n, word in enumerate(_row.split(), 1) if word not in _AMBIGUOUS}
    )

NUMBER_WORDS: dict[str, str] = {
    word: str(n)
    for _row in _NUMBERS
    for n, word in enumerate(_row.split(), 1)
    if word not in _AMBIGUOUS
}
"""Digits by number word, from two to twelve."""

NOUNS_CAPITALISED = frozenset({"de", "lb"})
"""Languages in which a capital does not tell a name."""
