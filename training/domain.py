# ruff: noqa: E501 - a told sentence stands on one line
"""Invented news of French-Japanese cooperation, told in one language and asked about in another.

Public sets hold few questions whose passage is in another language, and none on our subject. Here
a handful of kinds of event is filled with random cities, years, people and numbers, in French,
Japanese and English. All of it is fiction. A question that isn't answered differs from one that is
by one value: a city or year that the passage doesn't name, or names for another event.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

LANGUAGES = "fr", "ja", "en"

FRENCH_CITIES = """Lyon リヨン|Nantes ナント|Strasbourg ストラスブール|Lille リール|Rennes レンヌ|Grenoble グルノーブル|Tours トゥール
Reims ランス|Nancy ナンシー|Dijon ディジョン|Brest ブレスト|Toulouse トゥールーズ|Bordeaux ボルドー|Nice ニース|Marseille マルセイユ
Montpellier モンペリエ|Orléans オルレアン|Angers アンジェ|Limoges リモージュ|Colmar コルマール|Metz メス|Rouen ルーアン|Caen カーン
Perpignan ペルピニャン|Poitiers ポワティエ|Amiens アミアン|Besançon ブザンソン|Annecy アヌシー|Cannes カンヌ|Avignon アヴィニョン
Aix-en-Provence エクス・アン・プロヴァンス|Chartres シャルトル|Biarritz ビアリッツ|Autun オータン|Mulhouse ミュルーズ|Épinal エピナル"""
JAPANESE_CITIES = """Kumamoto 熊本市|Osaka 大阪市|Kyoto 京都市|Kobe 神戸市|Nagoya 名古屋市|Sendai 仙台市|Kanazawa 金沢市|Yokosuka 横須賀市
Takamatsu 高松市|Shizuoka 静岡市|Hiroshima 広島市|Fukuoka 福岡市|Sapporo 札幌市|Niigata 新潟市|Nara 奈良市|Matsuyama 松山市|Naha 那覇市
Kagoshima 鹿児島市|Okayama 岡山市|Nagasaki 長崎市|Kochi 高知市|Gifu 岐阜市|Nagano 長野市|Toyama 富山市|Fukui 福井市|Kawagoe 川越市
Himeji 姫路市|Kurashiki 倉敷市|Hamamatsu 浜松市|Mito 水戸市|Akita 秋田市|Aomori 青森市|Saga 佐賀市|Oita 大分市|Hakodate 函館市|Onomichi 尾道市"""
ORGANISATIONS = """le pôle Agrivia|アグリビア|the Agrivia cluster
l'association Cerisier|スリジエ協会|the Cerisier association
la fondation Pont-Neuf|ポンヌフ財団|the Pont-Neuf foundation
la société Hanabi|株式会社はなび|Hanabi Ltd
l'institut Takeda|武田研究所|the Takeda Institute
la chambre de commerce|商工会議所|the Chamber of Commerce
la coopérative Mirabelle|ミラベル協同組合|the Mirabelle cooperative
l'entreprise Novalis|ノヴァリス社|Novalis
la maison de la culture du Japon|日本文化会館|the Japanese cultural centre
l'agence Tramontane|トラモンタンヌ|the Tramontane agency
l'université de technologie|工科大学|the University of Technology
le réseau Sakura|さくらネットワーク|the Sakura network
la brasserie Valmont|ヴァルモン醸造所|the Valmont brewery
le groupe Orphée|オルフェグループ|the Orphée group"""
PEOPLE = """Claire Morel|クレール・モレル|Claire Morel
Jean Barthélemy|ジャン・バルテルミー|Jean Barthélemy
Kenji Nakamura|中村健二|Kenji Nakamura
Yuko Ishida|石田裕子|Yuko Ishida
Michel Lacroix|ミシェル・ラクロワ|Michel Lacroix
Haruka Ono|小野春香|Haruka Ono
Sophie Garnier|ソフィー・ガルニエ|Sophie Garnier
Takashi Mori|森隆|Takashi Mori
François Delmas|フランソワ・デルマス|François Delmas
Akira Fujimoto|藤本明|Akira Fujimoto
Nathalie Perrin|ナタリー・ペラン|Nathalie Perrin
Hiroshi Kitagawa|北川弘|Hiroshi Kitagawa
Antoine Roussel|アントワーヌ・ルセル|Antoine Roussel
Emi Hayashi|林恵美|Emi Hayashi"""
TOPICS = """la gastronomie|美食|gastronomy
le traitement des déchets|ごみ処理|waste treatment
l'aménagement urbain|都市計画|urban planning
le tourisme|観光|tourism
la gestion de l'eau|水資源管理|water management
le vieillissement de la population|高齢化|population ageing
l'artisanat d'art|工芸|arts and crafts
le numérique|デジタル化|digital technology
la prévention des catastrophes|防災|disaster prevention
le sport|スポーツ|sport
les transports publics|公共交通|public transport
la viticulture|ぶどう栽培|wine growing
l'énergie solaire|太陽光発電|solar energy
la protection du patrimoine|文化財保護|heritage protection"""
THINGS = """une cloche en bronze|青銅の鐘|a bronze bell
deux cents cerisiers|桜の木二百本|two hundred cherry trees
une fontaine en pierre|石の噴水|a stone fountain
un tramway ancien|古い路面電車|an old tram
une lanterne de pierre|石灯籠|a stone lantern
une sculpture en verre|ガラスの彫刻|a glass sculpture
un pavillon de thé|茶室|a tea house
une collection d'estampes|浮世絵のコレクション|a collection of prints
un piano|ピアノ|a piano
un char de carnaval|カーニバルの山車|a carnival float
une horloge|時計|a clock
une tapisserie|タペストリー|a tapestry"""
PRODUCTS = """sa moutarde|マスタード|its mustard
son thé vert|緑茶|its green tea
sa porcelaine|磁器|its porcelain
ses oranges|みかん|its oranges
son saké|日本酒|its sake
ses couteaux|包丁|its knives
sa dentelle|レース|its lace
son fromage bleu|ブルーチーズ|its blue cheese
ses lanternes de papier|提灯|its paper lanterns
son pain d'épices|パン・デピス|its gingerbread
ses vins blancs|白ワイン|its white wines
son papier washi|和紙|its washi paper"""
MONTHS = {
    "fr": [
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ],
    "en": [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
}

Value = dict[str, str]


def _three(line: str) -> Value:
    return dict(zip(LANGUAGES, line.split("|"), strict=True))


def _two(entry: str) -> Value:
    latin, japanese = entry.rsplit(" ", 1)
    return {"fr": latin, "ja": japanese, "en": latin}


_ENTRIES: dict[str, list[Value]] = {
    "french": [_two(entry) for entry in re.split(r"[|\n]", FRENCH_CITIES)],
    "japanese": [_two(entry) for entry in re.split(r"[|\n]", JAPANESE_CITIES)],
    "body": [_three(line) for line in ORGANISATIONS.splitlines()],
    "person": [_three(line) for line in PEOPLE.splitlines()],
    "topic": [_three(line) for line in TOPICS.splitlines()],
    "thing": [_three(line) for line in THINGS.splitlines()],
    "product": [_three(line) for line in PRODUCTS.splitlines()],
}


def _year(rng: random.Random) -> Value:
    year = rng.randint(1955, 2026)
    return {"fr": str(year), "ja": f"{year}年", "en": str(year)}


def _month(rng: random.Random) -> Value:
    year, month = rng.randint(1985, 2026), rng.randint(1, 12)
    names = {language: MONTHS[language][month - 1] for language in MONTHS}
    return {"fr": f"{names['fr']} {year}", "ja": f"{year}年{month}月", "en": f"{names['en']} {year}"}


def _date(rng: random.Random) -> Value:
    year, month, day = rng.randint(1985, 2026), rng.randint(1, 12), rng.randint(2, 28)
    names = {language: MONTHS[language][month - 1] for language in MONTHS}
    return {
        "fr": f"{day} {names['fr']} {year}",
        "ja": f"{year}年{month}月{day}日",
        "en": rng.choice([f"{day} {names['en']} {year}", f"{names['en']} {day}, {year}"]),
    }


def _count(low: int, high: int) -> Callable[[random.Random], Value]:
    def made(rng: random.Random) -> Value:
        number = rng.randint(low, high)
        if number > 1000:
            number = round(number, -2)
        return {
            "fr": f"{number:,}".replace(",", " "),
            "ja": f"{number:,}" if rng.random() < 0.5 else str(number),
            "en": f"{number:,}",
        }

    return made


_MADE: dict[str, Callable[[random.Random], Value]] = {
    "year": _year,
    "month": _month,
    "date": _date,
    "few": _count(3, 60),
    "many": _count(120, 90_000),
    "ordinal": _count(2, 12),
}

Texts = dict[str, list[str]]


@dataclass(frozen=True)
class Kind:
    """A kind of event: slots (name: kind of value), ways to tell it, and questions for each slot."""

    slots: dict[str, str]
    told: Texts
    asked: dict[str, Texts]


def _t(fr: str, ja: str, en: str) -> Texts:
    return {"fr": fr.split(" / "), "ja": ja.split(" / "), "en": en.split(" / ")}


KINDS = [
    Kind(
        {"a": "french", "b": "japanese", "t": "year"},
        _t(
            "{a} et {b} sont jumelées depuis {t}. / C'est en {t} que {a} a signé un accord de jumelage avec la ville japonaise de {b}. / En {t}, les maires de {b} et de {a} ont fait de leurs villes des villes sœurs.",
            "{a}と{b}は{t}に姉妹都市提携を結んだ。 / {t}、{b}はフランスの{a}と姉妹都市になった。 / {a}市と{b}の姉妹都市提携は{t}に始まる。",
            "{a} and {b} have been sister cities since {t}. / In {t} the city of {b} became the sister city of {a} in France. / The twinning of {a} with {b} was signed in {t}.",
        ),
        {
            "t": _t(
                "Depuis quand {a} et {b} sont-elles jumelées ? / En quelle année le jumelage entre {a} et {b} a-t-il été signé ?",
                "{a}と{b}が姉妹都市になったのはいつですか。 / {a}と{b}の姉妹都市提携は何年？",
                "When did {a} and {b} become sister cities? / In what year was {a} twinned with {b}?",
            ),
            "b": _t(
                "Avec quelle ville japonaise {a} est-elle jumelée ? / Quelle ville du Japon est la sœur de {a} ?",
                "{a}の日本の姉妹都市はどこですか。 / {a}と提携している日本の都市は？",
                "Which Japanese city is twinned with {a}? / What is the sister city of {a} in Japan?",
            ),
            "a": _t(
                "Quelle ville française est jumelée avec {b} ?",
                "{b}と姉妹都市になっているフランスの都市はどこですか。",
                "Which French city is the sister city of {b}?",
            ),
        },
    ),
    Kind(
        {"o": "body", "b": "japanese", "t": "year"},
        _t(
            "En {t}, {o} a ouvert un bureau à {b}. / Depuis {t}, {o} dispose d'une antenne à {b}. / Le bureau de {b} a été inauguré par {o} en {t}.",
            "{t}、{o}は{b}に事務所を開設した。 / {o}の{b}事務所は{t}に開所した。",
            "In {t} {o} opened an office in {b}. / Since {t}, {o} has had a branch in {b}.",
        ),
        {
            "t": _t(
                "Quand {o} a-t-on ouvert le bureau de {b} ? / En quelle année le bureau de {b} a-t-il ouvert ?",
                "{o}が{b}に事務所を開いたのはいつですか。 / {b}の事務所は何年に開設された？",
                "When did {o} open its {b} office? / In which year was the {b} office opened?",
            ),
            "o": _t(
                "Qui a ouvert un bureau à {b} en {t} ?",
                "{t}に{b}に事務所を開いたのはどこですか。",
                "Who opened an office in {b} in {t}?",
            ),
            "b": _t(
                "Dans quelle ville {o} a un bureau depuis {t} ?",
                "{o}が{t}に事務所を設けた都市は？",
                "In which city did {o} open an office in {t}?",
            ),
        },
    ),
    Kind(
        {"n": "few", "a": "french", "p": "person", "b": "japanese", "t": "month"},
        _t(
            "Une délégation de {n} personnes venue de {a}, conduite par {p}, s'est rendue à {b} en {t}. / En {t}, {p} a emmené {n} élus de {a} à {b}.",
            "{t}、{p}を団長とする{a}の訪問団{n}人が{b}を訪れた。 / {a}から{p}ら{n}名が{t}に{b}を訪問した。",
            "In {t} a delegation of {n} people from {a}, led by {p}, visited {b}. / {p} took {n} councillors from {a} to {b} in {t}.",
        ),
        {
            "n": _t(
                "Combien de personnes de {a} se sont rendues à {b} ?",
                "{b}を訪れた{a}の訪問団は何人でしたか。",
                "How many people from {a} went to {b}?",
            ),
            "p": _t(
                "Qui conduisait la délégation de {a} à {b} ?",
                "{b}を訪れた{a}の訪問団を率いたのは誰ですか。",
                "Who led the delegation from {a} to {b}?",
            ),
            "t": _t(
                "Quand la délégation de {a} est-elle venue à {b} ?",
                "{a}の訪問団が{b}に来たのはいつですか。",
                "When did the {a} delegation visit {b}?",
            ),
            "b": _t(
                "Quelle ville la délégation de {a} a-t-elle visitée en {t} ?",
                "{t}に{a}の訪問団が訪れた都市はどこですか。",
                "Which city did the delegation from {a} visit in {t}?",
            ),
        },
    ),
    Kind(
        {"s": "topic", "a": "french", "n": "many", "t": "year"},
        _t(
            "L'exposition sur {s} présentée à {a} en {t} a attiré {n} visiteurs. / À {a}, {n} personnes ont vu en {t} une exposition consacrée à {s}.",
            "{t}に{a}で開かれた{s}の展覧会には{n}人が訪れた。 / {a}では{t}、{s}をテーマにした展示に{n}人が来場した。",
            "The exhibition on {s} held in {a} in {t} drew {n} visitors. / In {a}, {n} people saw an exhibition about {s} in {t}.",
        ),
        {
            "n": _t(
                "Combien de visiteurs l'exposition de {a} a-t-elle attirés en {t} ? / Combien de personnes ont vu l'exposition sur {s} à {a} ?",
                "{t}の{a}の展覧会には何人が訪れましたか。 / {a}の{s}展の来場者数は？",
                "How many visitors did the {a} exhibition have in {t}? / How many people saw the exhibition on {s} in {a}?",
            ),
            "s": _t(
                "Sur quoi portait l'exposition de {a} en {t} ?",
                "{t}に{a}で開かれた展覧会のテーマは何ですか。",
                "What was the {t} exhibition in {a} about?",
            ),
            "a": _t(
                "Où a été présentée l'exposition sur {s} ?",
                "{s}の展覧会はどこで開かれましたか。",
                "Where was the exhibition on {s} held?",
            ),
        },
    ),
    Kind(
        {"k": "ordinal", "c": "city", "d": "date", "n": "few"},
        _t(
            "Les {k}es rencontres se sont tenues à {c} le {d} ; {n} collectivités y ont participé. / Le {d}, {c} a accueilli les {k}es rencontres, avec {n} collectivités.",
            "第{k}回会議は{d}に{c}で開催され、{n}の自治体が参加した。 / {d}、{c}で第{k}回会議が開かれ、{n}自治体が集まった。",
            "Meeting number {k} was held in {c} on {d} with {n} local governments. / On {d} {c} hosted meeting number {k}; {n} local governments took part.",
        ),
        {
            "d": _t(
                "Quand ont eu lieu les {k}es rencontres ? / À quelle date les rencontres de {c} se sont-elles tenues ?",
                "第{k}回会議はいつ開かれましたか。 / {c}での会議はいつでしたか。",
                "When was meeting number {k} held? / On what date did the {c} meeting take place?",
            ),
            "c": _t(
                "Dans quelle ville se sont tenues les {k}es rencontres ?",
                "第{k}回会議はどこで開催されましたか。",
                "Which city hosted meeting number {k}?",
            ),
            "n": _t(
                "Combien de collectivités ont participé aux rencontres de {c} ?",
                "{c}の会議にはいくつの自治体が参加しましたか。",
                "How many local governments took part in the {c} meeting?",
            ),
        },
    ),
    Kind(
        {"n": "few", "b": "japanese", "a": "french", "t": "year", "m": "few"},
        _t(
            "En {t}, {n} lycéens de {b} ont passé {m} jours dans des familles de {a}. / {n} lycéens venus de {b} ont séjourné {m} jours à {a} en {t}.",
            "{t}、{b}の高校生{n}人が{a}の家庭に{m}日間滞在した。 / {a}には{t}、{b}から高校生{n}名が来て{m}日間ホームステイをした。",
            "In {t}, {n} high-school students from {b} stayed with families in {a} for {m} days. / {n} students of {b} spent {m} days in {a} in {t}.",
        ),
        {
            "n": _t(
                "Combien de lycéens de {b} sont venus à {a} ?",
                "{a}に滞在した{b}の高校生は何人ですか。",
                "How many students from {b} stayed in {a}?",
            ),
            "m": _t(
                "Combien de jours les lycéens de {b} sont-ils restés à {a} ?",
                "{b}の高校生は{a}に何日間滞在しましたか。",
                "How many days did the students from {b} spend in {a}?",
            ),
            "t": _t(
                "En quelle année des lycéens de {b} ont-ils séjourné à {a} ?",
                "{b}の高校生が{a}に滞在したのは何年ですか。",
                "In what year did students from {b} stay in {a}?",
            ),
        },
    ),
    Kind(
        {"t": "year", "a": "french", "b": "japanese", "x": "thing"},
        _t(
            "En {t}, la ville de {a} a offert {x} à {b}. / {b} a reçu de {a} {x} en {t}.",
            "{t}、{a}市は{b}に{x}を贈った。 / {b}には{t}に{a}から{x}が寄贈された。",
            "In {t} the city of {a} gave {x} to {b}. / {b} received {x} from {a} in {t}.",
        ),
        {
            "x": _t(
                "Qu'est-ce que {a} a offert à {b} ? / Quel cadeau {b} a-t-elle reçu de {a} ?",
                "{a}は{b}に何を贈りましたか。 / {b}が{a}からもらったものは？",
                "What did {a} give to {b}? / What present did {b} receive from {a}?",
            ),
            "t": _t(
                "Quand {a} a-t-elle offert {x} à {b} ?",
                "{a}が{b}に{x}を贈ったのはいつですか。",
                "When did {a} give {x} to {b}?",
            ),
            "a": _t(
                "Quelle ville a offert {x} à {b} ?",
                "{b}に{x}を贈った都市はどこですか。",
                "Which city gave {x} to {b}?",
            ),
        },
    ),
    Kind(
        {"p": "person", "o": "body", "d": "date"},
        _t(
            "Le {d}, {p} a pris la direction de {o}. / {p} dirige {o} depuis le {d}.",
            "{d}、{p}が{o}の代表に就任した。 / {o}では{d}から{p}が代表を務める。",
            "On {d} {p} became the head of {o}. / {p} has led {o} since {d}.",
        ),
        {
            "p": _t("Qui dirige {o} ?", "{o}の代表は誰ですか。", "Who is the head of {o}?"),
            "d": _t(
                "Depuis quand {p} dirige-t-on {o} ? / Quand {p} a-t-il pris ses fonctions ?",
                "{p}が{o}の代表に就任したのはいつですか。",
                "When did {p} become head of {o}?",
            ),
            "o": _t("Que dirige {p} ?", "{p}が代表を務める組織は何ですか。", "Which organisation does {p} lead?"),
        },
    ),
    Kind(
        {"c": "city", "n": "many", "x": "product"},
        _t(
            "{c} compte environ {n} habitants et est connue pour {x}. / Ville de {n} habitants, {c} est réputée pour {x}.",
            "{c}は人口約{n}人で、{x}で知られる。 / 人口{n}人の{c}は{x}の産地として有名である。",
            "{c} has about {n} inhabitants and is known for {x}. / A city of {n} people, {c} is famous for {x}.",
        ),
        {
            "n": _t(
                "Combien d'habitants {c} compte-t-elle ? / Quelle est la population de {c} ?",
                "{c}の人口は何人ですか。",
                "How many people live in {c}? / What is the population of {c}?",
            ),
            "x": _t(
                "Pour quoi {c} est-elle connue ? / Quelle est la spécialité de {c} ?",
                "{c}は何で有名ですか。 / {c}の名産は？",
                "What is {c} known for?",
            ),
            "c": _t("Quelle ville est connue pour {x} ?", "{x}で有名な都市はどこですか。", "Which city is famous for {x}?"),
        },
    ),
    Kind(
        {"o": "body", "t": "year", "c": "city", "p": "person"},
        _t(
            "Fondée par {p} à {c} en {t}, la structure portée par {o} emploie aujourd'hui du personnel des deux pays. / C'est {p} qui a fondé {o} à {c}, en {t}.",
            "{o}は{t}に{p}が{c}で設立した。 / {t}、{p}は{c}で{o}を立ち上げた。",
            "{p} founded {o} in {c} in {t}. / It was in {c}, in {t}, that {p} created {o}.",
        ),
        {
            "p": _t("Qui a fondé {o} ?", "{o}を設立したのは誰ですか。", "Who founded {o}?"),
            "t": _t(
                "En quelle année {p} a-t-il fondé {o} ?",
                "{p}が{o}を設立したのは何年ですか。",
                "When did {p} found {o}?",
            ),
            "c": _t("Dans quelle ville est né le projet de {o} ?", "{o}はどこで設立されましたか。", "Where was {o} founded?"),
        },
    ),
    Kind(
        {"s": "topic", "n": "many", "o": "body", "a": "french", "b": "japanese"},
        _t(
            "Le projet de {a} et {b} sur {s} coûte {n} euros ; il est financé par {o}. / {o} verse {n} euros au projet commun de {b} et {a} sur {s}.",
            "{a}と{b}の{s}に関する共同事業の費用は{n}ユーロで、{o}が負担する。 / {o}は{s}をめぐる{b}と{a}の事業に{n}ユーロを拠出する。",
            "The project of {a} and {b} on {s} costs {n} euros and is paid for by {o}. / {o} gives {n} euros to the joint project of {b} and {a} on {s}.",
        ),
        {
            "n": _t(
                "Combien coûte le projet de {a} et {b} ?",
                "{a}と{b}の共同事業の費用はいくらですか。",
                "How much does the project of {a} and {b} cost?",
            ),
            "o": _t(
                "Qui finance le projet de {a} et {b} ?",
                "{a}と{b}の事業の費用を負担するのは誰ですか。",
                "Who pays for the project of {a} and {b}?",
            ),
            "s": _t(
                "Sur quel sujet {a} et {b} mènent-elles un projet ?",
                "{a}と{b}の共同事業は何についてのものですか。",
                "What is the joint project of {a} and {b} about?",
            ),
        },
    ),
    Kind(
        {"a": "french", "b": "japanese", "s": "topic", "d": "date", "p": "person"},
        _t(
            "Le {d}, {p} a signé pour {b} un protocole d'accord avec {a} portant sur {s}. / {a} et {b} coopèrent dans le domaine suivant : {s}. L'accord, signé par {p}, date du {d}.",
            "{d}、{b}の{p}は{a}と{s}に関する覚書に署名した。 / {a}と{b}は{s}の分野で協力する。覚書は{d}に{p}が署名した。",
            "On {d} {p} signed a memorandum between {b} and {a} on {s}. / {a} and {b} work together on {s}. The agreement was signed by {p} on {d}.",
        ),
        {
            "d": _t(
                "Quand {a} et {b} ont-elles signé leur accord ?",
                "{a}と{b}が覚書を結んだのはいつですか。",
                "When was the agreement between {a} and {b} signed?",
            ),
            "p": _t(
                "Qui a signé l'accord entre {a} et {b} ?",
                "{a}と{b}の覚書に署名したのは誰ですか。",
                "Who signed the agreement between {a} and {b}?",
            ),
            "s": _t(
                "Dans quel domaine {a} et {b} coopèrent-elles ?",
                "{a}と{b}はどの分野で協力していますか。",
                "In what field do {a} and {b} cooperate?",
            ),
            "a": _t(
                "Avec quelle ville française {b} a-t-elle signé un accord le {d} ?",
                "{d}に{b}が覚書を結んだフランスの都市は？",
                "With which French city did {b} sign a memorandum on {d}?",
            ),
        },
    ),
    Kind(
        {"f": "topic", "c": "city", "t": "year", "m": "few"},
        _t(
            "Chaque année depuis {t}, {c} organise un festival sur {f} qui dure {m} jours. / Créé en {t}, le festival de {c} consacré à {f} dure {m} jours.",
            "{c}では{t}から毎年、{f}のフェスティバルが{m}日間開かれる。 / {t}に始まった{c}の{f}祭は{m}日間続く。",
            "Every year since {t}, {c} has held a festival of {f} lasting {m} days. / Created in {t}, the {c} festival on {f} goes on for {m} days.",
        ),
        {
            "t": _t(
                "Depuis quelle année le festival de {c} existe-t-il ?",
                "{c}のフェスティバルは何年に始まりましたか。",
                "In what year did the {c} festival begin?",
            ),
            "m": _t(
                "Combien de jours dure le festival de {c} ?",
                "{c}のフェスティバルは何日間ですか。",
                "How many days does the {c} festival last?",
            ),
            "c": _t("Où a lieu le festival sur {f} ?", "{f}のフェスティバルはどこで開かれますか。", "Where is the festival of {f} held?"),
        },
    ),
]  # fmt: skip

Event = dict[str, Value]


@dataclass(frozen=True)
class DomainExample:
    """As data.py's examples, before they get a source and an article."""

    question: str
    title: str
    text: str
    start: int | None
    end: int | None
    kind: str
    pair: str


def _value(kind: str, rng: random.Random) -> Value:
    if kind in _MADE:
        return _MADE[kind](rng)
    if kind == "city":
        kind = rng.choice(["french", "japanese"])
    value = rng.choice(_ENTRIES[kind])
    if kind == "japanese" and rng.random() < 0.4:
        value = value | {"ja": value["ja"].removesuffix("市")}
    return value


def _event(kind: Kind, rng: random.Random) -> Event:
    while True:
        event = {slot: _value(of, rng) for slot, of in kind.slots.items()}
        if len({value["en"] for value in event.values()}) == len(event):
            return event


def _filled(template: str, event: Event, language: str, slot: str = "") -> tuple[str, int, int]:
    """The text and where `slot` stands in it (0, 0 without)."""
    text, start, end = "", 0, 0
    for piece in re.split(r"(\{\w\})", template):
        if re.fullmatch(r"\{\w\}", piece):
            name = piece[1]
            shown = event[name][language]
            if language == "fr" and text.endswith(("de ", "De ")) and shown[:3] == "le ":
                text, shown = text[:-3] + "du ", shown[3:]
            elif language == "fr" and text.endswith("à ") and shown[:3] == "le ":
                text, shown = text[:-2] + "au ", shown[3:]
            elif language == "fr" and text.endswith("de ") and shown[0] in "AÉOE":
                text = text[:-2] + "'"
            if not text and language != "ja":
                shown = shown[0].upper() + shown[1:]
            if name == slot:
                start, end = len(text), len(text) + len(shown)
            text += shown
        else:
            text += piece
    return text, start, end


def domain_examples(count: int, rng: random.Random) -> Iterator[DomainExample]:
    """Yield about `count` examples, half of them not answered, most of them across languages."""
    made = 0
    while made < count:
        kind = rng.choice(KINDS)
        asking, telling = rng.choice(LANGUAGES), rng.choice(LANGUAGES)
        slot = rng.choice(list(kind.asked))
        event = _event(kind, rng)
        others = [(other, _event(other, rng)) for other in rng.choices(KINDS, k=rng.randint(0, 3))]
        twin = _event(kind, rng)  # the same kind of event, elsewhere: the passage's own distractor
        if rng.random() < 0.6:
            others.append((kind, twin))
        told, start, end = _filled(rng.choice(kind.told[telling]), event, telling, slot)
        parts = [_filled(rng.choice(other.told[telling]), values, telling)[0] for other, values in others]
        place = rng.randint(0, len(parts))
        parts.insert(place, told)
        glue = "" if telling == "ja" else " "
        text = glue.join(parts)
        shift = len(glue.join(parts[:place])) + (len(glue) if place else 0)
        title = rng.choice(["", "", _title(event, telling, rng)])
        template = rng.choice(kind.asked[slot][asking])
        given = re.findall(r"\{(\w)\}", template)
        question = _filled(template, event, asking)[0]
        if not all(value["en"] != twin[name]["en"] for name, value in event.items()):
            continue
        pair = f"{asking}-{telling}"
        if rng.random() < 0.6:
            yield DomainExample(question, title, text, start + shift, end + shift, "domain-answered", pair)
            made += 1
        if given and rng.random() < 0.75:
            name = rng.choice(given)
            if (kind, twin) in others and len(given) > 1 and rng.random() < 0.5:
                value = twin[name]  # named in the passage, for another event
            else:
                value = _absent(kind.slots[name], event[name], text, telling, rng)
            asked = _filled(template, event | {name: value}, asking)[0]
            yield DomainExample(asked, title, text, None, None, "domain-near", pair)
            made += 1
        elif parts[:place] + parts[place + 1 :] and rng.random() < 0.5:
            rest = glue.join(parts[:place] + parts[place + 1 :])
            if len(given) > 1 or not any(other is kind for other, _ in others):
                yield DomainExample(question, "", rest, None, None, "domain-elsewhere", pair)
                made += 1


def _absent(kind: str, value: Value, text: str, language: str, rng: random.Random) -> Value:
    while True:
        other = _value(kind, rng)
        shown = other[language].removesuffix("市")
        if shown not in text and other["en"] not in text and other["en"] != value["en"]:
            return other


def _title(event: Event, language: str, rng: random.Random) -> str:
    shown = [value[language] for name, value in event.items() if name in "abcos"]
    wording = {
        "fr": ["Actualités : {}", "{} : nouvelles"],
        "ja": ["{}のニュース", "{}について"],
        "en": ["News from {}", "{} in brief"],
    }
    return rng.choice(wording[language]).format(rng.choice(shown)) if shown else ""
