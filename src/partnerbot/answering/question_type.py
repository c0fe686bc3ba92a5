"""What kind of answer a question asks for: a date, a number, a person, a place, or something else.

Interrogatives are a closed class, so a table a language is exact, instant and readable, where a
classifier would be none of these. In languages that open a question with its interrogative the
earliest match decides: "What did he do when …" asks what, not when. Japanese, Korean and Chinese
leave the interrogative in its place in the sentence; there the table's order decides.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache

from partnerbot.documents.normal_forms import normal_form


class AnswerType(StrEnum):
    """The kinds of answer that can be recognised in a sentence, and OTHER for the rest.

    YEAR is a date of which only the year is asked. DURATION, MONEY and PERCENT are numbers
    whose unit is part of the question. COUNTRY is a place whose names CLDR knows in every
    language. NAME asks what a thing or an organisation is called.
    """

    DATE = "date"
    YEAR = "year"
    NUMBER = "number"
    DURATION = "duration"
    MONEY = "money"
    PERCENT = "percent"
    PERSON = "person"
    COUNTRY = "country"
    PLACE = "place"
    NAME = "name"
    OTHER = "other"


_T = AnswerType

# Latin-script languages: the earliest match wins; of two at the same place, the first in the table.
_BY_POSITION: dict[str, tuple[tuple[AnswerType, str], ...]] = {
    "fr": (
        (
            _T.MONEY,
            r"combien (?:a |ont |avait |ça )?(?:coût|cout|vaut|valent|valait|paie|pay)\w*"
            r"|combien d['e] ?argent"
            r"|combien d['e] ?(?:euros|yens|dollars)|quelle somme"
            r"|quel(?:le)? (?:est|était|fut|a été|sera) (?:le |la )?(?:prix|coût|montant|budget"
            r"|tarif|somme)\b",
        ),
        (
            _T.PERCENT,
            r"quel(?:le)?s? (?:est |était |fut |sont )?(?:le |la )?(?:pourcentage|proportion|part|taux)\b",
        ),
        (
            _T.DURATION,
            r"combien de temps|combien d['e] ?(?:années|ans|mois|semaines|jours|heures|minutes)\b"
            r"|quelle (?:est|était|fut|sera) la durée|quelle durée|quel âge",
        ),
        (_T.YEAR, r"quelles? (?:est |était |fut |sont )?(?:l['e]s? ?)?années?\b"),
        (
            _T.NUMBER,
            r"combien\b|quel (?:est |était |fut )?(?:le )?nombre\b|quelle (?:est|était) la (?:population"
            r"|superficie)",
        ),
        (
            _T.DATE,
            r"quand\b|quelles? (?:est |était |fut |sont |étaient )?(?:la |les )?(?:dates?|époque|période"
            r"|décennie)\b"
            r"|quels? (?:est |était |fut )?(?:le )?(?:jours?|mois|siècles?)\b",
        ),
        (_T.COUNTRY, r"quels? (?:est |était |sont )?(?:le |les |l['e] ?)?(?:\w+ )?(?:pays|nation)\b"),
        (
            _T.PLACE,
            r"(?<!jour )(?<!moment )(?<!année )(?<!ville )(?<!pays )(?<!lieu )(?<!cas )\boù\b"
            r"|quel(?:le)?s? (?:est |était |sont )?(?:la |le |l['e] ?|les )?(?:\w+ ){0,2}?"
            r"(?:ville|village|commune|région|préfecture|département|province|état|lieu|endroit"
            r"|quartier|île"
            r"|capitale|métropole|localité)s?\b",
        ),
        (
            _T.NAME,
            r"comment (?:s['e] ?(?:appel|nomm)|appel|(?:est|était|a été|fut)[\w-]* (?:appel|nomm))\w*"
            r"|quel(?:le)? (?:est|était|fut) le (?:nom|titre)\b|quel nom\b|quel titre\b",
        ),
        (
            _T.PERSON,
            r"(?<!est-ce )(?:(?<=^)|(?<=^à )|(?<=^de )|(?<=^par )|(?<=^avec )|(?<=^pour )|(?<=^chez )"
            r"|(?<=[,;:] )"
            r"|(?<= par )|(?<= à )|(?<= avec ))qui\b"
            r"|quel(?:le)? (?:est|était|fut) (?:le |la |l['e] ?)?(?:maire|président|gouvern"
            r"|direct|ambassad|ministre"
            r"|fondat|aut(?:eur|rice)|peintre)\w*"
            r"|quel(?:le)? (?:\w+ )?(?:personne|personnalité|homme|femme|maire|président"
            r"|gouverneur|directeur"
            r"|ambassadeur|ministre|peintre|artiste|architecte|judoka|roi|reine|empereur)\b",
        ),
        (_T.OTHER, r"qu['e]|quoi\b|quel|qui\b|comment\b|pourquoi\b|lequel|laquelle|lesquel"),
    ),
    "en": (
        (
            _T.MONEY,
            r"how much (?:money\b|(?:\w+ ){0,8}?(?:cost|costs|paid|pay|worth|earn|spend|spent)\b)"
            r"|how many (?:euros|yen|dollars|pounds)\b"
            r"|what (?:is|was|were) the (?:\w+ )?(?:price|cost|budget|fee)\b",
        ),
        (
            _T.PERCENT,
            r"(?:what|which) (?:percent\w*|proportion|share)\b"
            r"|what (?:is|was) the (?:percentage|proportion|share|rate)\b|how many percent",
        ),
        (
            _T.DURATION,
            r"how many (?:more )?(?:years|months|weeks|days|hours|minutes)\b|how old\b"
            r"|how long (?!(?:is|was) (?:the|a) (?:\w+ )?(?:river|bridge|tunnel|wall|road"
            r"|coast|line)\b)"
            r"|what (?:is|was) the (?:duration|length of time)\b",
        ),
        (_T.YEAR, r"(?:what|which) (?:is the |was the )?years?\b"),
        (
            _T.NUMBER,
            r"how many\b|how much\b|what (?:is|was) the (?:total )?(?:number|population)\b"
            r"|what number of\b",
        ),
        (
            _T.DATE,
            r"when\b|(?:what|which) (?:is the |was the |are the |were the )?(?:exact )?"
            r"(?:dates?|days?|months?|centur(?:y|ies)|decades?|period)\b",
        ),
        (_T.COUNTRY, r"(?:what|which) (?:is the |was the )?(?:\w+ )?(?:country|countries|nation|nations)\b"),
        (
            _T.PLACE,
            r"where\b|(?:what|which) (?:is the |was the )?(?:\w+ ){0,2}?"
            r"(?:city|cities|town|village|prefecture|region|state|province|place|municipality"
            r"|island|capital"
            r"|district|location)s?\b",
        ),
        (
            _T.NAME,
            r"what (?:is|was|are|were) (?:the (?:\w+ )?names?\b|[^?]*\b(?:called|named)\b)"
            r"|what (?:do|did) [^?]* call\b",
        ),
        (
            _T.PERSON,
            r"whom?\b|(?:what|which) (?:\w+ )?(?:person|man|woman|mayor|president|governor|director"
            r"|ambassador"
            r"|minister|painter|artist|architect|king|queen|emperor)\b",
        ),
        (_T.OTHER, r"what\b|which\b|whose\b|why\b|how\b"),
    ),
    "de": (
        (_T.MONEY, r"wie ?viel kost\w*|wie ?viel geld|wie teuer"),
        (_T.PERCENT, r"wie ?viel prozent|welche[rn]? (?:prozentsatz|anteil)|wie hoch ist der anteil"),
        (_T.DURATION, r"wie lange?\b|wie ?viele? (?:jahre|monate|wochen|tage|stunden|minuten)\b|wie alt\b"),
        (_T.YEAR, r"welche[ms]? jahr\b"),
        (_T.NUMBER, r"wie ?viele?n?\b|wie hoch ist die (?:zahl|anzahl)"),
        (_T.DATE, r"wann\b|welche[mrsn]? (?:tag|datum|monat|jahrhundert)\b"),
        (_T.COUNTRY, r"welche[ms]? (?:\w+ )?(?:land|staat)\b"),
        (
            _T.PLACE,
            r"wo\b|woher\b|wohin\b|welche[rnms]? (?:\w+ )?(?:stadt|ort|dorf|region|gemeinde|präfektur)\b",
        ),
        (_T.NAME, r"wie (?:heißt|heissen|heißen|hieß|lautet)\b|was ist der name"),
        (_T.PERSON, r"we[rmn]\b|wessen\b"),
        (_T.OTHER, r"was\b|welche|wie\b|warum\b|wieso\b"),
    ),
    "es": (
        (_T.MONEY, r"cuánto (?:cuesta|costó|cuestan|vale|dinero)"),
        (_T.PERCENT, r"qué (?:porcentaje|proporción)|cuál es el porcentaje"),
        (_T.DURATION, r"cuánto tiempo|cuántos (?:años|meses|días|minutos)\b|cuántas (?:semanas|horas)\b"),
        (_T.YEAR, r"qué año\b"),
        (_T.NUMBER, r"cuánt[oa]s?\b|cuál es el número"),
        (_T.DATE, r"cuándo\b|qué (?:fecha|día|mes|siglo)\b"),
        (_T.COUNTRY, r"qué país(?:es)?\b"),
        (_T.PLACE, r"d[óo]nde\b|qué (?:ciudad|pueblo|región|lugar|municipio|prefectura|provincia)\b"),
        (_T.NAME, r"cómo se llama\w*|cuál es el nombre"),
        (_T.PERSON, r"quién(?:es)?\b"),
        (_T.OTHER, r"qué\b|cuál|cómo\b|por qué"),
    ),
    "it": (
        (_T.MONEY, r"quanto (?:costa|costano|è costat)\w*|quanto denaro"),
        (_T.PERCENT, r"(?:che|quale) (?:percentuale|proporzione)|qual è la percentuale"),
        (_T.DURATION, r"quanto tempo|quanti (?:anni|mesi|giorni|minuti)\b|quante (?:settimane|ore)\b"),
        (_T.YEAR, r"(?:che|quale) anno\b"),
        (_T.NUMBER, r"quant[oaie]\b|qual è il numero"),
        (_T.DATE, r"quando\b|(?:che|quale) (?:data|giorno|mese|secolo)\b"),
        (_T.COUNTRY, r"(?:che|quale|quali) (?:paese|paesi|nazione)\b"),
        (
            _T.PLACE,
            r"dove\b|dov'è|(?:che|quale) (?:città|paesino|regione|luogo|comune|prefettura|provincia)\b",
        ),
        (_T.NAME, r"come si (?:chiama|chiamano)|qual è il nome"),
        (_T.PERSON, r"chi\b"),
        (_T.OTHER, r"che\b|cosa\b|quale|qual\b|come\b|perché"),
    ),
    "pt": (
        (_T.MONEY, r"quanto (?:custa|custou|custam|dinheiro)"),
        (
            _T.PERCENT,
            r"qua(?:l|is) (?:é )?a (?:percentagem|porcentagem|proporção)|que (?:percentagem|porcentagem)",
        ),
        (_T.DURATION, r"quanto tempo|quantos (?:anos|meses|dias|minutos)\b|quantas (?:semanas|horas)\b"),
        (_T.YEAR, r"(?:que|qual) ano\b"),
        (_T.NUMBER, r"quant[oa]s?\b|qual é o número"),
        (_T.DATE, r"quando\b|(?:que|qual) (?:data|dia|mês|século)\b"),
        (_T.COUNTRY, r"(?:que|qual) país(?:es)?\b"),
        (_T.PLACE, r"onde\b|(?:que|qual) (?:cidade|vila|aldeia|região|lugar|município|província)\b"),
        (_T.NAME, r"como se (?:chama|chamam)|qual é o nome"),
        (_T.PERSON, r"quem\b"),
        (_T.OTHER, r"que\b|qual|como\b|por que"),
    ),
}

# Languages that leave the interrogative in place: the first row that matches wins.
_BY_ORDER: dict[str, tuple[tuple[AnswerType, str], ...]] = {
    "ja": (
        (_T.OTHER, r"何番目|何位|第何|何代目|何回目|何番|なぜ|何故|どうして"),
        (_T.PERCENT, r"何(?:%|％|パーセント|割)|割合"),
        (_T.MONEY, r"いくらの?(?!か)|何(?:円|ユーロ|ドル|ポンド)|何[万億]円"),
        (
            _T.DURATION,
            r"何年(?:間|くらい|ぐらい|ほど|もの|前|ごと|おき)|(?:任期|期間|年数|歳月)[^、。]*(?:何年"
            r"|何[かカヶヵケ]月|どのくらい|どれくらい|どれほど)"
            r"|何[かカヶヵケ箇]月|何週間|何日間|(?<!月)何日(?:かか|続|ほど|くらい|ぐらい)|何時間"
            r"|何分|何秒|何泊|(?:どの|どれ)(?:くらい|ぐらい|だけ)の?(?:期間|時間|年月)|何歳"
            r"|何才",
        ),
        (_T.DATE, r"何月|何日|いつ(?!も|か(?:は|ら))|何世紀|何年代|日付は"),
        (_T.YEAR, r"何年(?!生|周|か国|も)"),
        (
            _T.NUMBER,
            r"いくつ|(?:どれ|どの)(?:くらい|ぐらい|だけ|ほど)の?(?:人|数|量)|人数は|人口は|面積は|[の総件]数は(?:どの"
            r"|どれ|何|いくつ)"
            r"|何[万億千百]?(?:人|名|社|校|園|団体|自治体|地方公共団体|市町村|都市|市区"
            r"|[かカヶヵケ箇]国|[かカヶヵケ箇]所|ヵ所|都道府県|地域|個|つ|件"
            r"|台|本|枚|点|冊|種|倍|周年|回|度|匹|頭|羽|軒|戸|世帯|店|隻|機|両|席|部|票|曲"
            r"|作品|キロ|メートル|ヘクタール|平方|トン|グラム)",
        ),
        (_T.COUNTRY, r"どの国|どこの国|どちらの国|何という国|国はどこ|国名は"),
        (
            _T.NAME,
            r"(?:会社|企業|百貨店|組織|団体|機関|チーム|大学|学校|高校|メーカー|政党|部署|球団|クラブ|出版社"
            r"|放送局|のは)はどこ",
        ),
        (
            _T.PLACE,
            r"どこ|どの(?:都市|街|町|市|村|県|地域|地方|場所|州|島|都道府県|自治体)|何(?:市|県|町|村|州"
            r"|島)(?![町村])|場所は"
            r"|何という(?:都市|街|町|市|村|県|場所|州|島)",
        ),
        (_T.PERSON, r"誰|だれ|どなた|人物は|何という(?:人|人物)"),
        (_T.NAME, r"名前|名称|何と(?:いう|呼|言)|なんと(?:いう|呼|言)"),
    ),
    "ko": (
        (_T.OTHER, r"왜|몇 번째"),
        (_T.PERCENT, r"몇 ?(?:%|퍼센트)|비율"),
        (_T.MONEY, r"얼마(?:입니까|인가|예요|이며|의 (?:비용|돈))|몇 ?(?:원|유로|달러)|가격은"),
        (_T.DURATION, r"얼마나 오래|몇 ?년 ?(?:동안|간)|몇 ?(?:개월|주|시간|분)|며칠 ?(?:동안|간)|기간은"),
        (_T.DATE, r"언제|몇 ?월|며칠|몇 ?일|몇 ?세기"),
        (_T.YEAR, r"몇 ?년|어느 해"),
        (_T.NUMBER, r"몇 ?(?:명|개|곳|나라|번|사람|도시|회|대)|얼마나 많은"),
        (_T.COUNTRY, r"어느 나라|어떤 나라|무슨 나라"),
        (_T.PLACE, r"어디|어느 (?:도시|지역|마을|현)|어떤 도시"),
        (_T.PERSON, r"누구|누가"),
        (_T.NAME, r"이름|명칭|뭐라고"),
    ),
    "zh": (
        (_T.OTHER, r"为什么|為什麼|第几|第幾"),
        (_T.PERCENT, r"百分之几|百分之幾|百分比|比例"),
        (_T.MONEY, r"多少(?:钱|錢|欧元|歐元|日元|美元)"),
        (
            _T.DURATION,
            r"多久|多长时间|多長時間|[几幾]年[间間]?(?!的)|多少(?:年|天|个月|個月)|[几幾](?:个月|個月|天"
            r"|周|小时|小時)",
        ),
        (_T.YEAR, r"哪一?年"),
        (_T.DATE, r"什么时候|什麼時候|何时|何時|[几幾]月|哪一?天|哪一?日|哪个?世[纪紀]"),
        (_T.NUMBER, r"多少|[几幾](?:个|個|座|名|人|所|家|次|位)"),
        (_T.COUNTRY, r"哪个国家|哪個國家|哪国|哪國|什么国家"),
        (_T.PLACE, r"哪里|哪裡|哪儿|何处|何處|在哪|哪(?:个|個|座)(?:城市|地区|地區|省|县|縣)"),
        (_T.PERSON, r"谁|誰|哪位"),
        (_T.NAME, r"叫什么|叫什麼|名字|名称|名稱"),
    ),
}

# After a counting interrogative: the noun counted.
_COUNTED: dict[str, str] = {
    "fr": r"(?:combien|nombre) (?:y a(?:-t|vait|urait)?-il )?(?:de |d')(?P<noun>[\w'-]+(?: [\w'-]+)?)",
    "en": r"(?:how many|number of) (?P<noun>(?:(?!(?:do|does|did|is|are|was|were|has|have|had|can"
    r"|will)\b)[\w'-]+ ?){1,4})",
    "de": r"wie ?viele?n? (?P<noun>[\w-]+(?: [\w-]+)?)",
    "es": r"cuánt[oa]s? (?P<noun>\w+)",
    "it": r"quant[ei] (?P<noun>\w+)",
    "pt": r"quant[oa]s? (?P<noun>\w+)",
    "ja": r"(?:いくつの(?P<noun>[^がをはにで、。？?]+)|何[万億千百]?(?P<counter>(?:[かカヶヵケ箇]国"
    r"|[かカヶヵケ箇]所|都道府県|地方公共団体|市町村"
    r"|自治体|都市|団体|種類|作品|世帯|周年|[^\Wぁ-んの])))",
    "ko": r"몇 ?(?P<noun>[가-힣]+?)(?:이|가|을|를|은|는|의|에|\W|$)",
    "zh": r"(?:多少|[几幾])(?:个|個|座|名|所|家|次|位)?(?P<noun>[^\W的在是有]{1,6})",
}


# What someone is quoted as saying or asking is no part of what the question asks.
_QUOTED = re.compile(r"「[^」]*」|『[^』]*』|«[^»]*»|“[^”]*”")


@lru_cache(maxsize=1)
def _patterns() -> dict[str, tuple[tuple[AnswerType, re.Pattern[str]], ...]]:
    """The tables as compiled patterns; interrogatives of Latin scripts must begin a word."""
    compiled = {
        language: tuple((kind, re.compile(rf"(?<![\w])(?:{pattern})")) for kind, pattern in rows)
        for language, rows in _BY_POSITION.items()
    }
    for language, rows in _BY_ORDER.items():
        compiled[language] = tuple((kind, re.compile(pattern)) for kind, pattern in rows)
    return compiled


def _plain(question: str) -> str:
    """Lower case, one form for apostrophes and widths, single spaces, no opening punctuation."""
    text = normal_form("NFKC", question).lower().replace("’", "'")
    return " ".join(text.split()).lstrip("¿¡ \"'«»「『-–")


def expected_answer(question: str, language: str) -> AnswerType:
    """Return the kind of answer that the question asks for; OTHER if unsure or the language is unknown.

    language: a BCP 47 code, of which only the primary part counts ("fr", "pt-BR").
    """
    text, code = _plain(_QUOTED.sub("", question)), _primary(language)
    rows = _patterns().get(code, ())
    if code in _BY_ORDER:
        return next((kind for kind, pattern in rows if pattern.search(text)), AnswerType.OTHER)
    found = [
        (match.start(), row, kind)
        for row, (kind, pattern) in enumerate(rows)
        if (match := pattern.search(text))
    ]
    return min(found)[2] if found else AnswerType.OTHER


def counted_noun(question: str, language: str) -> str | None:
    """Return what a counting question counts ("communes", 「自治体」, the counter 「人」), or None.

    The noun may carry a word that follows it in the question; it is a hint for choosing
    among the numbers of a sentence, lower case and not to be shown.
    """
    pattern = _COUNTED.get(_primary(language))
    match = re.search(pattern, _plain(question)) if pattern else None
    if match is None:
        return None
    return next((group.strip() for group in match.groups() if group), None)


def _primary(language: str) -> str:
    return language.replace("_", "-").split("-")[0].lower()
