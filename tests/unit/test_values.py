"""Dates and numbers found in text, compared and written, across languages."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partnerbot.answering.phrases import written_date
from partnerbot.answering.values import (
    PartialDate,
    Value,
    ValueKind,
    find_dates,
    find_numbers,
    format_value,
    relative_date_in,
    same_value,
    writable,
)

D = PartialDate
K = ValueKind

DATES = [
    # language, text, what is found, since, until
    ("fr", "Signé le 20 octobre 2023 à la mairie.", "20 octobre 2023", D(2023, 10, 20), None),
    ("fr", "Le 1er mai 2010, il pleuvait.", "1er mai 2010", D(2010, 5, 1), None),
    ("fr", "Le bureau existe depuis octobre 1990.", "octobre 1990", D(1990, 10), None),
    ("fr", "Par la suite, en 2020, le bureau a ouvert.", "2020", D(2020), None),
    ("fr", "La visite du 17 au 22 octobre fut belle.", "17 au 22 octobre", D(None, 10, 17), D(None, 10, 22)),
    ("fr", "Du 17 au 22 octobre 2023.", "17 au 22 octobre 2023", D(2023, 10, 17), D(2023, 10, 22)),
    ("fr", "Les 27 et 28 octobre 2008, à Nancy.", "27 et 28 octobre 2008", D(2008, 10, 27), D(2008, 10, 28)),
    ("fr", "Réunis 8-11 octobre 2018.", "8-11 octobre 2018", D(2018, 10, 8), D(2018, 10, 11)),
    ("fr", "Les 3 et 15 mai 2012.", "3 et 15 mai 2012", D(2012, 5), None),
    ("fr", "Du 30 mars au 2 avril 2019.", "30 mars au 2 avril 2019", D(2019, 3, 30), D(2019, 4, 2)),
    ("fr", "D’octobre 2008 à mai 2009.", "octobre 2008 à mai 2009", D(2008, 10), D(2009, 5)),
    ("fr", "De 1562 à 1598, la guerre.", "1562 à 1598", D(1562), D(1598)),
    ("fr", "Entre 2011 et 2013, rien.", "2011 et 2013", D(2011), D(2013)),
    ("fr", "Ouvert le 12/10/2023.", "12/10/2023", D(2023, 10, 12), None),
    ("fr", "Le 20 oct. 2023 au soir.", "20 oct. 2023", D(2023, 10, 20), None),
    ("fr", "Le 2 aout 1998.", "2 aout 1998", D(1998, 8, 2), None),
    ("en", "It opened on 20 October 2023.", "20 October 2023", D(2023, 10, 20), None),
    ("en", "It opened on October 20, 2023.", "October 20, 2023", D(2023, 10, 20), None),
    ("en", "It opened on the 5th of May 2001.", "5th of May 2001", D(2001, 5, 5), None),
    ("en", "Since October 1990 it has grown.", "October 1990", D(1990, 10), None),
    ("en", "From 17 to 22 October they stayed.", "17 to 22 October", D(None, 10, 17), D(None, 10, 22)),
    ("en", "Held 17–22 October 2023.", "17–22 October 2023", D(2023, 10, 17), D(2023, 10, 22)),
    ("en", "Held October 17-22, 2023.", "October 17-22, 2023", D(2023, 10, 17), D(2023, 10, 22)),
    ("en", "Held on Sept. 5, 2010.", "Sept. 5, 2010", D(2010, 9, 5), None),
    ("en", "The battle was fought in 1066.", "1066", D(1066), None),
    ("en", "The club (2008-2010) is closed.", "2008-2010", D(2008), D(2010)),
    ("ja", "2023年10月20日に署名した。", "2023年10月20日", D(2023, 10, 20), None),
    ("ja", "１９９０年１０月に開設した。", "１９９０年１０月", D(1990, 10), None),
    ("ja", "令和2年に開いた。", "令和2年", D(2020), None),
    ("ja", "令和元年5月1日に即位した。", "令和元年5月1日", D(2019, 5, 1), None),
    ("ja", "2019年5月23日と24日の2日間", "2019年5月23日と24日", D(2019, 5, 23), D(2019, 5, 24)),
    ("ja", "2019年5月3日と2日間", "2019年5月3日", D(2019, 5, 3), None),
    ("ja", "平成30年10月8日から始まる。", "平成30年10月8日", D(2018, 10, 8), None),
    ("ja", "昭和四十五年の博覧会。", "昭和四十五年", D(1970), None),
    ("ja", "昭和二三年の法律。", "昭和二三年", D(1948), None),
    ("ja", "平成三〇年に開いた。", "平成三〇年", D(2018), None),
    ("ja", "昭和二十年の夏。", "昭和二十年", D(1945), None),
    ("ja", "2018年（平成三〇年）10月8日のこと。", "2018年（平成三〇年）10月8日", D(2018, 10, 8), None),
    ("ja", "2018年（平成30年）10月8日のこと。", "2018年（平成30年）10月8日", D(2018, 10, 8), None),
    ("ja", "10月17日から22日まで滞在した。", "10月17日から22日", D(None, 10, 17), D(None, 10, 22)),
    ("ja", "2023年10月17日～22日に開催。", "2023年10月17日～22日", D(2023, 10, 17), D(2023, 10, 22)),
    ("ja", "2008年10月27、28日に会った。", "2008年10月27、28日", D(2008, 10, 27), D(2008, 10, 28)),
    ("ja", "10月30日から11月2日まで。", "10月30日から11月2日", D(None, 10, 30), D(None, 11, 2)),
    ("ja", "10月22日（水）から28日（火）まで。", "10月22日（水）から28日", D(None, 10, 22), D(None, 10, 28)),
    ("ja", "1562年から1598年まで続いた。", "1562年から1598年", D(1562), D(1598)),
    ("ja", "2020年度の予算。", "2020年度", D(2020), None),
    ("ko", "2023년 10월 20일에 서명했다.", "2023년 10월 20일", D(2023, 10, 20), None),
    ("ko", "10월 17일부터 22일까지.", "10월 17일부터 22일", D(None, 10, 17), D(None, 10, 22)),
    ("zh", "2023年10月20日签署。", "2023年10月20日", D(2023, 10, 20), None),
    ("zh", "10月17日至22日访问。", "10月17日至22日", D(None, 10, 17), D(None, 10, 22)),
    ("de", "Am 20. Oktober 2023 war es so weit.", "20. Oktober 2023", D(2023, 10, 20), None),
    ("de", "Vom 17. bis 22. Oktober 2023.", "17. bis 22. Oktober 2023", D(2023, 10, 17), D(2023, 10, 22)),
    ("es", "El 20 de octubre de 2023.", "20 de octubre de 2023", D(2023, 10, 20), None),
    ("es", "Del 17 al 22 de octubre.", "17 al 22 de octubre", D(None, 10, 17), D(None, 10, 22)),
    ("it", "Dal 17 al 22 ottobre 2023.", "17 al 22 ottobre 2023", D(2023, 10, 17), D(2023, 10, 22)),
    ("pt", "Em 20 de outubro de 2023.", "20 de outubro de 2023", D(2023, 10, 20), None),
    ("nl", "Op 20 oktober 2023.", "20 oktober 2023", D(2023, 10, 20), None),
    ("xx", "Built 2023-10-20.", "2023-10-20", D(2023, 10, 20), None),
]


@pytest.mark.parametrize(("language", "text", "said", "since", "until"), DATES)
def test_a_date_is_found_with_its_place(
    language: str, text: str, said: str, since: PartialDate, until: PartialDate | None
) -> None:
    """The date's span is exact, and it has just the parts that the text says."""
    (date,) = find_dates(text, language)
    assert text[date.start : date.end] == date.text == said
    assert (date.kind, date.since, date.until, date.relative) == (K.DATE, since, until, False)


@pytest.mark.parametrize(
    ("language", "text", "said", "kind", "first", "last"),
    [
        ("fr", "Un château du XIXe siècle.", "XIXe siècle", K.CENTURY, 1801, 1900),
        ("fr", "Aux 10e et 11e siècles.", "10e et 11e siècles", K.CENTURY, 901, 1100),
        ("en", "A castle of the nineteenth century.", "nineteenth century", K.CENTURY, 1801, 1900),
        ("en", "In the 10th and 11th centuries.", "10th and 11th centuries", K.CENTURY, 901, 1100),
        ("ja", "19世紀の城。", "19世紀", K.CENTURY, 1801, 1900),
        ("de", "Ein Schloss des 19. Jahrhunderts.", "19. Jahrhunderts", K.CENTURY, 1801, 1900),
        ("es", "Un castillo del siglo XIX.", "siglo XIX", K.CENTURY, 1801, 1900),
        ("fr", "Dans les années 80.", "années 80", K.DECADE, 1980, 1989),
        ("fr", "Dans les années 1980.", "années 1980", K.DECADE, 1980, 1989),
        ("en", "It began in the 1980s.", "the 1980s", K.DECADE, 1980, 1989),
        ("ja", "1980年代に始まった。", "1980年代", K.DECADE, 1980, 1989),
        ("ko", "1980년대에 시작했다.", "1980년대", K.DECADE, 1980, 1989),
    ],
)
def test_centuries_and_decades_are_spans_of_years(
    language: str, text: str, said: str, kind: ValueKind, first: int, last: int
) -> None:
    """A century or decade is one value, with its first and last year."""
    (span,) = find_dates(text, language)
    assert (span.text, span.kind, span.since, span.until) == (said, kind, D(first), D(last))


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The mayor may march with 12 cities."),
        ("en", "About 1950 people came."),
        ("en", "Caesar died in 44 BC."),
        ("en", "It was signed on 10/12/2023."),
        ("fr", "Il compte 2000 habitants."),
        ("fr", "Le code est 1234."),
        ("fr", "Un ensemble de sept villes."),
        ("fr", "Le guide coûte 1950 €."),
        ("fr", "La dernière fois, le prochain train."),
        ("ja", "任期は4年間です。"),
        ("ja", "3日間の訪問。"),
        ("ja", "紀元前1200年の遺跡。"),
        ("ja", "平成〇年のこと。"),
        ("ja", "2000人が来場した。"),
    ],
)
def test_what_only_looks_like_a_date_is_none(language: str, text: str) -> None:
    """Amounts, durations, verbs, years before our era and ambiguous figures are no dates."""
    assert find_dates(text, language) == []


@pytest.mark.parametrize(
    ("language", "text", "said", "since"),
    [
        ("fr", "Signé au mois d’octobre de l’année dernière.", "octobre de l’année dernière", D(None, 10)),
        ("fr", "La foire de novembre prochain.", "novembre prochain", D(None, 11)),
        ("fr", "L'an dernier, le bureau a fermé.", "L'an dernier", None),
        ("fr", "Arrivée il y a trois ans.", "il y a trois ans", None),
        ("en", "Signed in October of last year.", "October of last year", D(None, 10)),
        ("en", "Signed last October.", "last October", D(None, 10)),
        ("en", "Signed three years ago.", "three years ago", None),
        ("ja", "昨年10月に署名した。", "昨年10月", D(None, 10)),
        ("ja", "去年、署名した。", "去年", None),
        ("ja", "3年前に署名した。", "3年前", None),
        ("ko", "작년 10월에 서명했다.", "작년 10월", D(None, 10)),
        ("de", "Vor 3 Jahren unterschrieben.", "Vor 3 Jahren", None),
    ],
)
def test_a_relative_date_is_kept_and_not_resolved(
    language: str, text: str, said: str, since: PartialDate | None
) -> None:
    """A date counted from an unsaid day keeps its words, and the month if one is said."""
    (date,) = find_dates(text, language)
    assert (date.text, date.since, date.relative) == (said, since, True)
    assert relative_date_in(text, language)


def test_a_date_without_a_year_is_relative_where_no_year_is_said() -> None:
    """ "17 October" needs the article's date, unless another date in the text has a year."""
    assert relative_date_in("La visite du 17 au 22 octobre fut belle.", "fr")
    assert not relative_date_in("En 2023, la visite du 17 au 22 octobre fut belle.", "fr")
    assert not relative_date_in("Signé le 20 octobre 2023.", "fr")
    assert not relative_date_in("Aucune date ici.", "fr")


def test_several_dates_come_in_order() -> None:
    """Dates come in the order of the text, and none overlap."""
    text = "En 2010, puis le 20 octobre 2023 et de nouveau en mai 2024."
    dates = find_dates(text, "fr")
    assert [date.text for date in dates] == ["2010", "20 octobre 2023", "mai 2024"]


NUMBERS = [
    ("fr", "La métropole rassemble 23 communes.", "23", K.NUMBER, "23", "communes"),
    ("fr", "Le village a 1 843 habitants.", "1 843", K.NUMBER, "1843", "habitants"),
    ("fr", "Le village a 1\u202f843 habitants.", "1\u202f843", K.NUMBER, "1843", "habitants"),
    ("fr", "Il y avait vingt-trois villes.", "vingt-trois", K.NUMBER, "23", "villes"),
    ("fr", "Une quarantaine de maires.", "quarantaine", K.NUMBER, "40", ""),
    ("fr", "Environ 2,5 millions de visiteurs.", "2,5 millions", K.NUMBER, "2500000", "visiteurs"),
    ("fr", "Environ 60,000 habitants.", "60,000", K.NUMBER, "60000", "habitants"),
    ("fr", "Cela fait 20,8 % du total.", "20,8 %", K.PERCENT, "20.8", ""),
    ("fr", "Cela fait 15 pour cent du total.", "15 pour cent", K.PERCENT, "15", ""),
    ("fr", "Cela fait deux virgule cinq pour cent.", "deux virgule cinq pour cent", K.PERCENT, "2.5", ""),
    ("en", "Zero point zero five percent.", "Zero point zero five percent", K.PERCENT, "0.05", ""),
    ("fr", "Deux virgule cinq millions de lots.", "Deux virgule cinq millions", K.NUMBER, "2500000", "lots"),
    ("en", "Two point five million euros.", "Two point five million euros", K.MONEY, "2500000", "EUR"),
    ("fr", "Un stage de quatre semaines.", "quatre semaines", K.MEASURE, "4", "duration-week"),
    ("fr", "À 430 km de Paris.", "430 km", K.MEASURE, "430", "length-kilometer"),
    ("fr", "Un don de 1,3 million d'euros.", "1,3 million d'euros", K.MONEY, "1300000", "EUR"),
    ("fr", "Un don de 629,63 €.", "629,63 €", K.MONEY, "629.63", "EUR"),
    ("fr", "Les 8es Rencontres.", "8es", K.ORDINAL, "8", "Rencontres"),
    ("en", "It has 1,843 inhabitants.", "1,843", K.NUMBER, "1843", "inhabitants"),
    ("en", "About twenty-three cities came.", "twenty-three", K.NUMBER, "23", "cities came"),
    ("en", "A gift of 3 million yen.", "3 million yen", K.MONEY, "3000000", "JPY"),
    ("en", "A gift of €1.5 million.", "€1.5 million", K.MONEY, "1500000", "EUR"),
    ("en", "It takes 4 years.", "4 years", K.MEASURE, "4", "duration-year"),
    ("en", "The 8th meeting.", "8th", K.ORDINAL, "8", "meeting"),
    ("ja", "23の自治体が参加した。", "23", K.NUMBER, "23", "自治体"),
    ("ja", "１８４３人が来た。", "１８４３", K.NUMBER, "1843", "人"),
    ("ja", "1,843人が来た。", "1,843", K.NUMBER, "1843", "人"),
    ("ja", "3万5千人が来た。", "3万5千", K.NUMBER, "35000", "人"),
    ("ja", "五十四団体が参加した。", "五十四", K.NUMBER, "54", "団体"),
    ("ja", "1,200万人が住む。", "1,200万", K.NUMBER, "12000000", "人"),
    ("ja", "2億3千万円の予算。", "2億3千万円", K.MONEY, "230000000", "JPY"),
    ("ja", "任期は4年間です。", "4年間", K.MEASURE, "4", "duration-year"),
    ("ja", "研修は6か月です。", "6か月", K.MEASURE, "6", "duration-month"),
    ("ja", "70パーセントが賛成した。", "70パーセント", K.PERCENT, "70", ""),
    ("ja", "第8回会議を開いた。", "第8", K.ORDINAL, "8", "回会議"),
    ("ja", "3番目の都市。", "3番目", K.ORDINAL, "3", "都市"),
    ("ja", "50周年を祝った。", "50", K.NUMBER, "50", "周年"),
    ("ja", "3百貨店で売る。", "3", K.NUMBER, "3", "百貨店"),
    ("de", "Es hat 1.843 Einwohner.", "1.843", K.NUMBER, "1843", "Einwohner"),
    ("de", "Dreiundzwanzig Gemeinden.", "Dreiundzwanzig", K.NUMBER, "23", "Gemeinden"),
    ("es", "Hay veintitrés municipios.", "veintitrés", K.NUMBER, "23", "municipios"),
    ("ko", "23개 도시가 참가했다.", "23", K.NUMBER, "23", "개"),
    ("zh", "有3万5千人。", "3万5千", K.NUMBER, "35000", "人"),
]


@pytest.mark.parametrize(("language", "text", "said", "kind", "number", "unit"), NUMBERS)
def test_a_number_is_found_with_what_it_counts(
    language: str, text: str, said: str, kind: ValueKind, number: str, unit: str
) -> None:
    """Figures, words, kanji and mixtures have an exact span, an exact number and a unit."""
    (value,) = find_numbers(text, language)
    assert text[value.start : value.end] == value.text == said
    assert (value.kind, value.number) == (kind, Decimal(number))
    assert value.unit.startswith(unit)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("fr", "Le 20 octobre 2023, puis en 2024."),
        ("fr", "Une ville et un village."),
        ("fr", "Un bâtiment neuf."),
        ("fr", "Le document n° 12."),
        ("en", "One of the cities."),
        ("en", "COVID-19 closed the office."),
        ("ja", "2023年10月20日に三重県と四日市市で。"),
        ("ja", "約8分の1が賛成した。"),
        ("ja", "5日に着いた。"),
        ("ja", "10万20万円"),
        ("ja", "5百千円"),
        ("ja", "3億億円"),
        ("ko", "3억억 원"),
    ],
)
def test_dates_articles_and_names_are_no_numbers(language: str, text: str) -> None:
    """Parts of dates, articles, document numbers, fractions, place names and mistaken figures."""
    assert find_numbers(text, language) == []


def test_years_are_numbers_only_when_asked() -> None:
    """`with_years` gives the figures of dates too, to compare with."""
    values = find_numbers("En 2020, 23 communes.", "fr", with_years=True)
    assert [value.number for value in values] == [2020, 23]


def _date(text: str, language: str) -> Value:
    (value,) = find_dates(text, language)
    return value


def _number(text: str, language: str) -> Value:
    (value,) = find_numbers(text, language)
    return value


@pytest.mark.parametrize(
    ("language", "text", "fr", "ja", "en"),
    [
        ("fr", "le 20 octobre 2023", "20 octobre 2023", "2023年10月20日", "20 October 2023"),
        ("fr", "en octobre 1990", "octobre 1990", "1990年10月", "October 1990"),
        ("fr", "en 2020,", "2020", "2020年", "2020"),
        ("fr", "le 17 octobre", "17 octobre", "10月17日", "17 October"),
        ("fr", "en novembre", "novembre", "11月", "November"),
        ("fr", "du 17 au 22 octobre", "17–22 octobre", "10月17日～22日", "17–22 October"),
        ("ja", "2023年10月17日から22日", "17–22 octobre 2023", "2023年10月17日～22日", "17–22 October 2023"),
        ("ja", "令和2年", "2020", "2020年", "2020"),
        ("ja", "2008年から2010年", "2008–2010", "2008年～2010年", "2008–2010"),
        ("en", "the 19th century", "XIXe siècle", "19世紀", "19th century"),
        ("en", "the 1980s", "années 1980", "1980年代", "1980s"),
        ("en", "on 29 February", "29 février", "2月29日", "29 February"),
    ],
)
def test_a_date_is_written_as_its_reader_does(language: str, text: str, fr: str, ja: str, en: str) -> None:
    """Whatever the text's language, each reader gets the language's own form."""
    date = _date(text, language)
    assert [format_value(date, reader) for reader in ("fr", "ja", "en")] == [fr, ja, en]
    assert all(writable(date, reader) for reader in ("fr", "ja", "en"))


@pytest.mark.parametrize(
    ("reader", "written"),
    [
        ("de", "20. Oktober 2023"),
        ("es", "20 de octubre de 2023"),
        ("it", "20 ottobre 2023"),
        ("pt", "20 de outubro de 2023"),
        ("ko", "2023년 10월 20일"),
        ("zh", "2023年10月20日"),
        ("nl", "20 oktober 2023"),
    ],
)
def test_every_cldr_language_can_be_written(reader: str, written: str) -> None:
    """Languages need no table of ours to be written."""
    assert format_value(_date("le 20 octobre 2023", "fr"), reader) == written


def test_the_first_of_a_month_is_written_as_the_french_do() -> None:
    """CLDR has no word for it; other languages and other days stay as they are."""
    date = _date("2019年7月1日", "ja")
    assert [format_value(date, reader) for reader in ("fr", "en")] == ["1er juillet 2019", "1 July 2019"]
    assert [written_date(iso, "fr") for iso in ("2019-07-01", "2019-07-11", "2019-07")] == [
        "1er juillet 2019",
        "11 juillet 2019",
        "juillet 2019",
    ]


def test_a_range_over_two_months_names_both() -> None:
    """A range is written by the interval pattern of the largest part that differs, months in full."""
    date = _date("du 30 octobre au 2 novembre 2023", "fr")
    assert format_value(date, "en") == "30 October\u2009–\u20092 November 2023"
    assert format_value(date, "ja") == "2023年10月30日～11月2日"


@pytest.mark.parametrize(
    ("language", "text", "fr", "ja", "en"),
    [
        ("fr", "1 843 habitants", "1\u202f843", "1,843", "1,843"),
        ("ja", "3万5千人", "35\u202f000", "35,000", "35,000"),
        ("en", "twenty-three cities", "23", "23", "23"),
        ("fr", "20,8 %", "20,8\u00a0%", "20.8%", "20.8%"),
        ("fr", "20 %", "20\u00a0%", "20%", "20%"),
        ("ja", "4年間", "4 ans", "4 年", "4 years"),
        ("fr", "1,3 million d'euros", "1\u202f300\u202f000 euros", "1,300,000ユーロ", "1,300,000 euros"),
    ],
)
def test_a_number_is_written_as_its_reader_does(language: str, text: str, fr: str, ja: str, en: str) -> None:
    """Separators, percent signs, units and currencies are the reader's."""
    value = _number(text, language)
    assert [format_value(value, reader) for reader in ("fr", "ja", "en")] == [fr, ja, en]


def test_what_cannot_be_said_in_a_language_stays_as_it_is() -> None:
    """Relative dates, ordinals, impossible days and centuries without a pattern keep the text's words."""
    for value in (_date("l'an dernier", "fr"), _number("les 8es Rencontres", "fr")):
        assert format_value(value, "ja") == value.text
        assert not writable(value, "ja")
    assert format_value(_date("le 31 juin 2020", "fr"), "en") == "31 juin 2020"
    assert format_value(_date("au XIXe siècle", "fr"), "fi") == "XIXe siècle"
    assert not writable(_date("au XIXe siècle", "fr"), "fi")


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (_date("le 20 octobre 2023", "fr"), _date("2023年10月20日", "ja")),
        (_date("le 20 octobre 2023", "fr"), _date("October 20, 2023", "en")),
        (_date("令和２年", "ja"), _date("in 2020", "en")),
        (_date("du 17 au 22 octobre", "fr"), _date("10月17日から22日まで", "ja")),
        (_date("au XIXe siècle", "fr"), _date("19世紀", "ja")),
        (_number("vingt-trois communes", "fr"), _number("23の自治体", "ja")),
        (_number("1 843 habitants", "fr"), _number("1,843 people", "en")),
        (_number("quatre ans", "fr"), _number("4年間", "ja")),
        (_number("deux millions d'euros", "fr"), _number("200万ユーロ", "ja")),
    ],
)
def test_the_same_value_is_recognised_across_languages(a: Value, b: Value) -> None:
    """Language, script, calendar and separators make no difference."""
    assert same_value(a, b)
    assert same_value(b, a)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (_date("le 20 octobre 2023", "fr"), _date("en octobre 2023", "fr")),
        (_date("en 2020,", "fr"), _number("2020人", "ja")),
        (_number("4 ans", "fr"), _number("4 mois", "fr")),
        (_number("4 euros", "fr"), _number("4 yens", "fr")),
        (_number("8e", "fr"), _number("8 villes", "fr")),
        (_date("l'an dernier", "fr"), _date("l'an dernier", "fr")),
    ],
)
def test_values_of_another_kind_unit_or_precision_differ(a: Value, b: Value) -> None:
    """A month is not a day of it, four years are not four months, and relative dates equal nothing."""
    assert not same_value(a, b)


@pytest.mark.parametrize("language", ["fr", "ja", "en", "de", "ko", "zh", "xx"])
def test_odd_text_raises_nothing(language: str) -> None:
    """Any text can be read in any language, and spans stay inside it."""
    for text in ("", " ", "😀", "万", "千百十人", "1,2,3", "99/99/2020", "第", "–", "\u202e2020"):
        for value in find_dates(text, language) + find_numbers(text, language, with_years=True):
            assert 0 <= value.start < value.end <= len(text)
            format_value(value, "fr")


@given(st.text("0123456789,. 〇一二十百千万億兆만억回円年"), st.sampled_from(["ja", "ko", "zh"]))
def test_any_mixture_of_figures_and_numerals_can_be_read(text: str, language: str) -> None:
    """A visitor may write anything."""
    for value in find_numbers(text, language) + find_dates(text, language):
        format_value(value, "fr")
