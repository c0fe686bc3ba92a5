"""Find countries, persons and towns that a text names.

Countries are CLDR's, so they can be said in any language. Persons and towns are told by their form
alone (a title, a surname in capitals, a place's preposition or suffix); there is no list of names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

from partnerbot.answering.values.cldr import EAST_ASIAN, country_names, month_numbers

# Letters only: "Bertrand FORT", "Charles W. Eliot", "Jean-Luc de Gaulle"; one to five words.
_CAPITAL = r"[A-ZÀ-ÖØ-Þ](?:[a-zà-öø-ÿ]|[A-ZÀ-ÖØ-Þ]|[’'-](?=\w))+"
_PARTICLE = rf"(?:de|van|von|di|da|del) (?={_CAPITAL})"
_TITLE = r"(?:MM?\.|Mme|Mlle|Mr\.?|Mrs\.?|Ms\.?|Dr\.?|Herr|Frau|Sra?\.|Dott\.)"
_NAME = re.compile(rf"(?<![\w’'-])(?!{_TITLE} ){_CAPITAL}(?: (?:{_CAPITAL}|[A-Z]\.|{_PARTICLE})){{0,4}}")
_TITLE_BEFORE = re.compile(rf"(?<!\w){_TITLE}[ \u00a0]$")
_GIVEN = r"[A-ZÀ-ÖØ-Þ][a-zà-öø-ÿ]+"
_SURNAME_LAST = re.compile(rf"{_GIVEN}(?:[ -]{_GIVEN})*(?: (?![IVX]+\b)[A-ZÀ-ÖØ-Þ’'-]{{3,}})+")
_PREPOSITION_BEFORE = re.compile(
    r"(?<!\w)(?:(?:à|de|du|des|en|of|in|at|from|to|near|aux?|the|les?|la|aus|von|el)[ \u00a0]|[dlDL]['’])$"
)
_TOWN_BEFORE = re.compile(
    r"(?<!\w)(?:(?:à|in|at)|(?:ville|village|commune|cité|municipalité) (?:de|d['’])"
    r"|(?:city|town|village) of)[ \u00a0]?$"
)
# What a sentence may begin with before a name: "Depuis Nancy", "The Mayor".
_FUNCTION_WORD = re.compile(
    r"(?:L[ea]s?|Une?|Des|Du|En|Aux?|À|Ce(?:s|t|tte)?|S(?:on|a|es)|Leurs?|Depuis|Dans|Par|Pour|Avec|Sur|Sous|Chez"
    r"|Entre|Lors|Après|Avant|Selon|Comme|Quand|Si|Et|Mais|Ils?|Elles?|The|An?|In|On|At|By|For|With|From|After"
    r"|Before|Since|When|If|And|But|As|His|Her|Its|Their|Th(?:is|ese|at)|Both"
    r"|Der|Die|Das|El|Los|Il|Lo|Na|No) "
)
# Words that make a capitalised sequence the name of something that is no person.
_NO_PERSON = re.compile(
    r"Univers|Associat|R[ée]publi|Minist|Conseil|Council|Assembl|Parlem|Parliam|Compan|Corporat|Soci[ée]t"
    r"|Institut|Cent(?:re|er)|Mus[ée]|School|École|Coll[eè]g|City|Ville|Métropole|Metropol|Forum|Expo|Hall"
    r"|House|Maison|\bActs?\b|\bWars?\b|Guerre|R[eé]volution|Empire|Pr[ée]fect|Départ|Grand|\bNord\b|\bSud\b"
    r"|North|South|\bEast|\bWest|Unit(?:ed|é)|États|\bNew\b|Nouvel|Group|Bank|Banque|Broadcast|Televis|Agenc"
    r"|Office|Bureau|Chamb|Semaine|Week|Award|Prix|Prize|Festival|Rencontre|Alliance"
)

# In Japanese a title follows the name; 「協会の山田会長」 has one, 「日本大使」 alone has not.
# A foreigner's name has a middle dot and is a phrase's subject or agent.
_KATAKANA = r"[ァ-ヶー]{2,}"
_JA_TITLE = r"元?(?:市長|町長|村長|知事|大使|会長|理事長|所長|学長|教授|博士|首相|大統領)(?!選)"
_JA_PERSON = re.compile(
    r"(?<![一-龠々])[一-龠々]{2,5}(?=氏(?![名族])|さん(?!業))"
    rf"|(?<=の)[一-龠々]{{2,4}}(?={_JA_TITLE})"
    rf"|(?<![ァ-ヶー・＝=])(?:{_KATAKANA}(?=氏|さん)"
    rf"|{_KATAKANA}(?:[・＝=]{_KATAKANA}){{1,3}}(?=氏|さん|{_JA_TITLE}|[はがを]|により|によって|[（(]))"
)
_JA_TOWN = re.compile(
    r"(?<![一-龠々ァ-ヶー])(?:[一-龠々]{1,4}?|[ァ-ヶー・＝=]{2,20})(?:市|県|町|村)(?![一-龠々])"
    r"|(?<![一-龠々ァ-ヶー・])(?!オンライン)[ァ-ヶー・＝=]{2,20}(?<!ホテル)(?<!ホール)(?<!センター)(?=で(?:開|行わ|催))"
)
_SOMEBODY = re.compile(rf"{_KATAKANA}[・＝=]{_KATAKANA}|氏|さん|様|{_CAPITAL} {_CAPITAL}")


class Certainty(IntEnum):
    """How surely a name is of what was looked for."""

    DOUBT = 0
    LIKELY = 1
    SURE = 2


@dataclass(frozen=True, slots=True)
class Name:
    """A name at text[start:end]."""

    start: int
    end: int
    text: str
    certainty: Certainty


def persons_in(text: str, language: str) -> list[Name]:
    """Return what may be persons' names: SURE by title or form, LIKELY, or DOUBT: some other name."""
    if language in EAST_ASIAN:
        return [_name(match, Certainty.SURE) for match in _JA_PERSON.finditer(text)]
    return [
        _name(match, _person_certainty(match[0], text[: match.start()]))
        for match in _latin_names(text, language)
    ]


def towns_in(text: str, language: str) -> list[Name]:
    """Return what may be towns, by suffix or preposition; a country there is a DOUBT beside them."""
    if language in EAST_ASIAN:
        return [_name(match, Certainty.LIKELY) for match in _JA_TOWN.finditer(text)]
    countries = [
        Name(start, end, text[start:end], Certainty.DOUBT)
        for start, end, _ in countries_in(text, language)
        if _PREPOSITION_BEFORE.search(text[:start])
    ]
    return countries + [
        _name(match, Certainty.LIKELY)
        for match in _latin_names(text, language)
        if _TOWN_BEFORE.search(text[: match.start()])
    ]


def names_somebody(text: str) -> bool:
    """True if the text may name a person, in any script; true too often rather than too seldom."""
    return bool(_SOMEBODY.search(text))


def countries_in(text: str, language: str) -> list[tuple[int, int, str]]:
    """Return (start, end, ISO 3166 code) of each country named, in order."""
    names = country_names(language)
    return [(m.start(), m.end(), names[m[0]]) for m in _country_pattern(language).finditer(text)]


@lru_cache(maxsize=64)
def _country_pattern(language: str) -> re.Pattern[str]:
    names = "|".join(re.escape(name) for name in sorted(country_names(language), key=len, reverse=True))
    # 「フランス語」 is a language, 「日本人」 a people, "Jean-France" a name: no country is named.
    if language in EAST_ASIAN:
        return re.compile(rf"(?<![ァ-ヶー一-龠々])(?:{names})(?![ァ-ヶー一-龠々])")
    return re.compile(rf"(?<![\w-])(?:{names})(?![\w-])")


def _name(match: re.Match[str], certainty: Certainty) -> Name:
    return Name(match.start(), match.end(), match[0], certainty)


def _latin_names(text: str, language: str) -> Iterator[re.Match[str]]:
    """Capitalised sequences that are no country, month, acronym, or acronym with one word ("CLAIR Paris")."""
    for match in _NAME.finditer(text):
        first, _, rest = match[0].partition(" ")
        acronym = first.isupper() and " " not in rest
        if not acronym and match[0] not in country_names(language) and first not in month_numbers(language):
            yield match


def _person_certainty(name: str, before: str) -> Certainty:
    """Of one word none can tell; a sentence's first word is large anyway."""
    if _TITLE_BEFORE.search(before) or _SURNAME_LAST.fullmatch(name):
        return Certainty.SURE
    if " " not in name or _NO_PERSON.search(name) or (not before and _FUNCTION_WORD.match(name)):
        return Certainty.DOUBT
    return Certainty.LIKELY


def stands_as_place(name: Name, text: str) -> bool:
    """True if a preposition or the sentence's start makes the name one that no person need have."""
    return name.start == 0 or bool(_PREPOSITION_BEFORE.search(text[: name.start]))
