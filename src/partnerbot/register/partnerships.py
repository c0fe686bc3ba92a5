"""What is about partnerships of local authorities, in words and tables; another register would have another.

The kinds of partnership, their fields and the levels of authorities, as readers of four languages call them.
"""

from __future__ import annotations

from collections.abc import Mapping

Words = Mapping[str, str]
"""A word by language."""

KINDS: Mapping[str, Words] = {
    "sister_cities": {"fr": "jumelage", "ja": "姉妹都市", "en": "sister cities", "ko": "자매도시"},
    "friendship": {"fr": "amitié", "ja": "友好都市", "en": "friendship", "ko": "우호도시"},
    "agreement": {"fr": "accord", "ja": "協定・覚書", "en": "agreement", "ko": "협정"},
    "cooperation": {"fr": "coopération", "ja": "協力・交流", "en": "cooperation", "ko": "협력"},
    "planned": {"fr": "en projet", "ja": "予定", "en": "planned", "ko": "예정"},
    "ended": {"fr": "terminé", "ja": "終了", "en": "ended", "ko": "종료"},
}

FIELDS: Mapping[str, Words] = {
    "culture": {"fr": "culture", "ja": "文化・芸術", "en": "culture and arts", "ko": "문화·예술"},
    "heritage": {"fr": "patrimoine", "ja": "文化財・歴史遺産", "en": "heritage", "ko": "문화유산"},
    "crafts": {"fr": "artisanat", "ja": "工芸", "en": "crafts", "ko": "공예"},
    "food": {"fr": "gastronomie et alimentation", "ja": "食・美食", "en": "food", "ko": "음식"},
    "agriculture": {"fr": "agriculture", "ja": "農業", "en": "agriculture", "ko": "농업"},
    "tourism": {"fr": "tourisme", "ja": "観光", "en": "tourism", "ko": "관광"},
    "economy": {"fr": "économie", "ja": "経済・産業", "en": "economy", "ko": "경제"},
    "innovation": {"fr": "innovation et sciences", "ja": "科学・技術", "en": "innovation", "ko": "과학·기술"},
    "education": {"fr": "éducation", "ja": "教育", "en": "education", "ko": "교육"},
    "youth": {"fr": "jeunesse", "ja": "青少年", "en": "youth", "ko": "청소년"},
    "sport": {"fr": "sport", "ja": "スポーツ", "en": "sport", "ko": "스포츠"},
    "gardens": {"fr": "parcs et jardins", "ja": "公園・庭園", "en": "parks and gardens", "ko": "공원·정원"},
    "environment": {"fr": "environnement", "ja": "環境", "en": "environment", "ko": "환경"},
    "health": {"fr": "santé et social", "ja": "医療・福祉", "en": "health and welfare", "ko": "의료·복지"},
    "planning": {"fr": "urbanisme", "ja": "まちづくり", "en": "urban planning", "ko": "도시 계획"},
    "staff": {"fr": "échange d'agents", "ja": "職員交流", "en": "exchange of staff", "ko": "직원 교류"},
}

LEVELS: Mapping[str, Words] = {
    "city": {"fr": "ville", "ja": "市町", "en": "city", "ko": "시"},
    "village": {"fr": "village", "ja": "村", "en": "village", "ko": "마을"},
    "district": {"fr": "arrondissement", "ja": "区", "en": "district", "ko": "구"},
    "metropole": {"fr": "métropole", "ja": "広域連合体", "en": "metropolis", "ko": "광역도시권"},
    "department": {"fr": "département", "ja": "県", "en": "department", "ko": "도"},
    "prefecture": {"fr": "préfecture", "ja": "都道府県", "en": "prefecture", "ko": "현"},
    "region": {"fr": "région", "ja": "地域圏", "en": "region", "ko": "지역"},
    "institution": {"fr": "institution", "ja": "機関", "en": "institution", "ko": "기관"},
}

LEVEL_BEFORE: Mapping[str, Words] = {
    "fr": {
        "ville": "city",
        "commune": "city",
        "mairie": "city",
        "municipalité": "city",
        "cité": "city",
        "village": "village",
        "arrondissement": "district",
        "quartier": "district",
        "métropole": "metropole",
        "agglomération": "metropole",
        "communauté urbaine": "metropole",
        "eurométropole": "metropole",
        "département": "department",
        "conseil départemental": "department",
        "conseil général": "department",
        "préfecture": "prefecture",
        "région": "region",
        "conseil régional": "region",
    },
    "en": {
        "city": "city",
        "town": "city",
        "municipality": "city",
        "village": "village",
        "ward": "district",
        "metropolis": "metropole",
        "metropolitan area": "metropole",
        "department": "department",
        "département": "department",
        "prefecture": "prefecture",
        "region": "region",
    },
}
"""What says an authority's level before its name: « ville de Brest », "the village of Sagara"."""

LEVEL_AFTER: Mapping[str, Words] = {
    "fr": {"métropole": "metropole", "agglomération": "metropole", "agglo": "metropole"},
    "en": {
        "city": "city",
        "town": "city",
        "village": "village",
        "ward": "district",
        "prefecture": "prefecture",
        "metropole": "metropole",
        "métropole": "metropole",
        "metropolis": "metropole",
        "department": "department",
        "region": "region",
    },
    "ja": {
        "市": "city",
        "町": "city",
        "村": "village",
        "区": "district",
        "県": "department",
        "府": "prefecture",
        "都": "prefecture",
        "州": "region",
        "地域圏": "region",
        "地域": "region",
        "メトロポール": "metropole",
        "都市圏": "metropole",
        "広域連合": "metropole",
        "都市共同体": "metropole",
    },
}
"""What says it after its name: "Kumamoto Prefecture", 熊本市."""

LEAST_FAR = ("FR", "JP")
"""Countries whose authorities are meant first where several have one name."""

QUARTERS = {"Paris": "パリ", "Lyon": "リヨン", "Marseille": "マルセイユ"}
"""Towns whose numbered arrondissements are authorities of their own."""


def authority_names(latin: str, japanese: str | None, level: str, country: str) -> Words:
    """Return what an authority is called in each language; `japanese`: its name there, if that is known."""
    elided = latin[:1] in "AEIOUÉÈÎÔHaeiou" and not latin.startswith("Hy")
    names = {"fr": latin, "en": latin, "ja": japanese or latin}
    if level == "prefecture":
        names |= {"fr": f"préfecture {'d’' if elided else 'de '}{latin}", "en": f"{latin} Prefecture"}
    elif level == "metropole":
        names |= {"fr": f"{latin} Métropole", "en": f"{latin} Métropole", "ja": f"{names['ja']}メトロポール"}
    elif level == "region" and country == "FR" and japanese:
        names |= {"ja": f"{japanese}地域圏"}
    elif level == "department" and japanese:
        names |= {"ja": f"{japanese}県"}
    elif level == "district" and country == "FR" and latin[-1:].isdecimal():
        town, number = latin.rsplit(" ", 1)
        ending = "st" if number == "1" else "nd" if number == "2" else "rd" if number == "3" else "th"
        names = {
            "fr": f"{town} {number}{'er' if number == '1' else 'e'}",
            "en": f"{number}{ending} arrondissement of {town}",
            "ja": f"{QUARTERS[town]}{number}区",
        }
    return {**names, "ko": names["en"]}


SUPPORTED: Words = {
    "fr": "{a} a conclu un accord de partenariat avec {b}.",
    "ja": "{a}は{b}と協定を結んでいる。",
    "en": "{a} has a partnership agreement with {b}.",
}
"""What is said of two partners: the reader tells how well a sentence supports it."""

PARTNER_OF: Words = {
    "fr": "Avec quelle collectivité {a} est-elle jumelée ou liée par un accord ?",
    "ja": "{a}はどこと姉妹都市提携や協定を結んでいますか。",
    "en": "Which authority is {a} twinned with or bound to by an agreement?",
}
LOCATIVE: Words = {"fr": r"\b[àÀ] $", "en": r"\b(?:[Ii]n|[Aa]t) $", "ja": r"で"}
"""What says that something only happens in a place: before its name, in Japanese after it."""

ANNIVERSARY: Words = {
    "fr": "ans_du ans_de ans, anniversaire cinquantenaire nouvel renouvel",
    "en": "years anniversary renew new_agreement",
    "ja": "周年 年を迎え 新しい合意",
}
"""What tells of an anniversary or a renewal, whose date is not that of the beginning."""

FROM_THEN: Words = {"fr": "depuis dès date remont", "en": "since dates from back_to", "ja": "から 以来 始ま"}
"""What stands beside the date of a beginning."""

SINCE: Words = {
    "fr": "Depuis quand {a} et {b} sont-elles jumelées ?",
    "ja": "{a}と{b}はいつ提携しましたか。",
    "en": "When did {a} and {b} become partners?",
}

KIND_WORDS: Mapping[str, Words] = {
    "ended": {
        "fr": "mis_fin prit_fin pris_fin rompu dissous dénoncé résili",
        "en": "ended dissolved terminated",
        "ja": "解消 終わり 終わら 打ち切",
    },
    "planned": {
        "fr": "prépar envisag song espèr projet_de devrait",
        "en": "plan hope courting intend letter_of_intent",
        "ja": "予定 見込み 見通し 準備を 目指し",
    },
    "sister_cities": {
        "fr": "jumel sœur soeur",
        "en": "twin sister",
        "ja": "姉妹 縁組 盟約",
        "de": "partnerst schwester",
    },
    "friendship": {"fr": "amitié amie", "en": "friend", "ja": "友好 友情", "de": "freund"},
    "agreement": {
        "fr": "accord protocole convention mémorandum déclaration pacte charte",
        "en": "agreement memorandum accord covenant protocol pact mou",
        "ja": "協定 覚書 合意書 宣言",
        "de": "abkommen vereinbarung",
    },
    "cooperation": {
        "fr": "coop partenaria partenaire",
        "en": "cooperat partner",
        "ja": "協力 交流 提携 連携",
        "de": "zusammenarb",
    },
}
"""How words begin that tell a kind, the most telling first; in Japanese they stand anywhere.

An underscore stands for a space, a full stop for the end of the word."""

KIND_WEIGHTS: Mapping[str, float] = {
    "ended": 3,
    "planned": 3,
    "sister_cities": 4,
    "agreement": 2.5,
    "friendship": 2,
    "cooperation": 1,
}
"""What a sentence with a word of each kind counts for: sister cities are partners, too."""

FIELD_WORDS: Mapping[str, Words] = {
    "culture": {
        "fr": "cultur art arts artist musique musical musée théâtre orchestre opéra cinéma littéra",
        "en": "cultur art arts artist music museum theatre theater orchestra opera film literat",
        "ja": "文化 芸術 美術 音楽 演奏 演劇 映画 文学",
    },
    "heritage": {
        "fr": "patrimoine château châteaux monument historique",
        "en": "heritage castle monument historic",
        "ja": "遺産 文化財 城郭 史跡 歴史的",
    },
    "crafts": {
        "fr": "artisan céramique porcelaine poterie dentelle métiers",
        "en": "craft ceramic porcelain pottery lace",
        "ja": "工芸 陶磁 陶芸 磁器 やきもの 伝統産業",
    },
    "food": {
        "fr": "gastronom cuisin agroaliment aliment vin vins vitic saké culinaire",
        "en": "gastronom cuisine food wine wines sake culinary",
        "ja": "美食 食文化 食と 料理 ワイン 日本酒 給食",
    },
    "agriculture": {"fr": "agricol agricult", "en": "agricult farming", "ja": "農業 農産 食と農"},
    "tourism": {"fr": "touris", "en": "touris", "ja": "観光"},
    "economy": {
        "fr": "économi commerc entrepris industr startup",
        "en": "econom trade business industr startup",
        "ja": "経済 産業 貿易 企業 スタートアップ",
    },
    "innovation": {
        "fr": "innovati scientifique sciences recherche numérique technolog hydrogène",
        "en": "innovati scientific science research digital technolog hydrogen",
        "ja": "科学 技術 研究 デジタル イノベーション 水素",
    },
    "education": {
        "fr": "éducati scolaire universit école écoles enseign",
        "en": "educati school universit teach",
        "ja": "教育 大学 学校",
    },
    "youth": {
        "fr": "jeunes jeunesse lycéen collégien élève étudiant",
        "en": "youth young pupil student teenager",
        "ja": "青少年 高校生 中学生 若者 学生",
    },
    "sport": {
        "fr": "sport judo football rugby",
        "en": "sport judo football rugby",
        "ja": "スポーツ 柔道 サッカー",
    },
    "gardens": {
        "fr": "jardin parc parcs bonsaï botanique",
        "en": "garden park parks bonsai botanic",
        "ja": "庭園 公園 盆栽 植物園",
    },
    "environment": {
        "fr": "environnement déchet climat écolog durable biodiversité",
        "en": "environment waste climate ecolog sustainab biodiversity",
        "ja": "環境 廃棄物 気候 水質 持続可能 脱炭素",
    },
    "health": {
        "fr": "santé médic vieilliss hospital thermal",
        "en": "health medic ageing aging hospital welfare",
        "ja": "医療 福祉 健康 高齢化",
    },
    "planning": {
        "fr": "urbanis mobilité transports tramway",
        "en": "urban mobility transport tram",
        "ja": "都市計画 まちづくり 交通",
    },
    "staff": {
        "fr": "agents fonctionnair",
        "en": "staff officials",
        "ja": "職員",
    },
}
"""How words begin that tell a field; in Japanese they stand anywhere."""

TELLING_WORDS: Mapping[str, Words] = {
    "bound": {
        "fr": (
            "jumel sœur unies. uni. unis. unit. unie. unissent liée liées lié. liés. lie. lient mariée marié "
            "mariage noces"
        ),
        "ja": "姉妹 縁 盟約 提携 友好 手を結",
        "en": "twin sister paired wed. weds wedded vows knot bond tie. ties. tied link",
        "de": "partnerst schwester",
    },
    "signed": {
        "fr": (
            "signé signe. signent signèrent signer signature paraph conclu scell noué noue. nouer "
            "accord protocole convention mémorandum pacte charte"
        ),
        "ja": "調印 署名 締結 結び 結ん 結ば 協定 覚書 交わ",
        "en": (
            "sign. signs. signed signing signature sealed concluded accord. accords. agreement pact covenant "
            "memorandum charter"
        ),
        "de": "unterzeich abkommen",
    },
    "partner": {
        "fr": "partenaire partenariat coop amitié amie",
        "en": "partner cooperat friend counterpart",
        "ja": "パートナー 協力 友好 相手 交流",
        "de": "partner",
    },
    "near": {
        "fr": "échang relation rapproch collabor allié lien. liens. comité_de",
        "en": "exchang relation understanding allied collaborat hand_in_hand",
        "ja": "親し 連携 派遣 付き合い 間柄 友と 友だ 友が",
    },
    "undone": {
        "fr": (
            "rejet refus décliné repouss renonc abouti aucun ni. jamais malgré défait sans_suite rien pas. "
            "fin. terme contrairement"
        ),
        "en": (
            "reject refus declin voted defeated nothing never no. not. neither nor. although broke "
            "turned_down without unlike"
        ),
        "ja": "否決 断り 断っ 断ら まとまら 候補 ない。 ないが なかった なく 至ら ません 持ちかけ",
        "de": "abgelehnt kein",
    },
    "event": {
        "fr": (
            "rencontre congrès conférence sommet salon forum édition visite visité délégation "
            "prix exposition vol. équipe club tournoi candidat né. née. festival participant "
            "programme étape lauréat label"
        ),
        "en": (
            "conference meeting congress summit fair. fairs. forum edition visit toured delegation "
            "prize award exhibition flight team club bid. born festival host speaker stops programme"
        ),
        "ja": "会議 大会 会場 開催 訪問 視察 賞 展示 便 選手 立候補 生まれ 祭り 出席 参加 出身 会社",
    },
    "body": {
        "fr": (
            "université lycée. lycées. collège école entreprise société usine hôpita musée office chambre "
            "industriel brasserie restaurant chef."
        ),
        "en": (
            "universit school. schools. college compan factory hospital museum chamber brewer distiller "
            "chef. port. ports. research"
        ),
        "ja": "大学 高校 会社 工場 美術館 病院 商工会議所 港 酒蔵 シェフ 研究",
    },
}
"""How words begin by which a trained layer tells partners from those that only met; as in `KIND_WORDS`."""

SPEAKING = ("bound", "signed", "partner")
"""Which of them a sentence has at least one of, if it states partners in plain words."""

WITH: Words = {"fr": "avec à.", "en": "with to.", "ja": "とは との と、 市と 町と 村と 県と"}
"""What stands between two authorities of which the one has the other."""

OTHER_BODIES: Words = {
    "fr": (
        "université lycée lycées collège école club équipe musée aéroport port gare chambre "
        "hôpital orchestre "
        "festival office comité château tribunal évêché parc place rue pont mont lac"
    ),
    "en": (
        "university universities school schools college club team museum airport port chamber "
        "hospital orchestra "
        "festival station castle park street mount lake"
    ),
    "ja": (
        "大学 高校 高等学校 中学校 小学校 商工会議所 港 空港 駅 美術館 博物館 "
        "病院 クラブ 城 公園 製鉄所 会館 事務所"
    ),
}
"""What stands before a name (in Japanese after it) that makes it another body's: the university of a town."""

ASKED_OLDEST: Words = {
    "fr": "ancien ancienne anciens anciennes premier première vieux doyen",
    "en": "oldest first earliest",
    "ja": "最古 最も古い 最も早 一番古 最初 一番早",
}
ASKED_NEWEST: Words = {
    "fr": "récent récente récents récentes dernier dernière nouveau",
    "en": "newest latest youngest recent last",
    "ja": "最新 最も新し 一番新し 最近",
}
ASKED_COUNT: Words = {
    "fr": "combien nombre",
    "en": "many number count",
    "ja": "いくつ 何組 何件 何都市 何市 組数 数は",
}
NOT_ASKED: Words = {
    "fr": "quand où pourquoi comment date année qui_a qui_ont signataire signé_par",
    "en": "when where why how_did how_does date year who_signed signator signed_by",
    "ja": "いつ なぜ どのように 何年 誰",
}
"""What asks for something else of a partnership than which ones there are."""

ASKED_WORK: Words = {"fr": "travaill collabor", "en": "work collaborat", "ja": "協力 交流 連携"}
ASKED_AFTER: Words = {"fr": "depuis après dès", "en": "since after from", "ja": "以降 以来 以後 から"}
ASKED_BEFORE: Words = {"fr": "avant jusqu", "en": "before until", "ja": "以前 まで より前"}

ASKING: Words = {
    "fr": (
        "quel quelle quels quelles qui que quoi est sont a ont avec la le les l de du des d un une au "
        "aux à en dans et ou y il elle elles ils ce cette ces liste lister citez donne donnez moi "
        "tous toutes tout toute ville villes commune communes collectivité collectivités village "
        "villages département départements préfecture préfectures région régions métropole métropoles "
        "arrondissement autorités autorité locale locales territoriale territoriales pays relation "
        "relations lien liens échange échanges partenaire partenaires partenariat partenariats lié "
        "liée liés liées unie unies uni unis conclu conclus conclue signé signés ayant plus parmi "
        "combien t été portent porte concernent ensemble entre domaine domaines thème autour sur dont "
        "possède possèdent compte connaît connaissez vous vos documents articles selon nos votre "
        "toujours encore cité cités franco nippo bilatéral bilatéraux par pour se sa son ses leur "
        "leurs matière existe"
    ),
    "en": (
        "which what who whom list name tell me give all every the a an of in on with and or to is are "
        "was were has have had do does there town towns city cities village villages municipality "
        "municipalities authority authorities local prefecture prefectures region regions department "
        "departments metropolis ward country countries partner partners partnership partnerships tie "
        "ties link links linked relation relations relationship relationships exchange exchanges "
        "between how by for that its their any one ones pair pairs field fields area about signed "
        "made concluded documents your our articles according bound s most franco"
    ),
    "ja": (
        "都市 市町村 町 村 県 自治体 地域 都道府県 提携 交流 関係 相手 相手先 一覧 "
        "国 協力 連携 締結 分野 団体 "
        "資料 教 相互 間 日仏 両国 結 中 自治体間 側 記事 行 先 含"
    ),
}
"""Words that a question for partnerships may be made of beside its conditions; of Japanese, its kanji."""
