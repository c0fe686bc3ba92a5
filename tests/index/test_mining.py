"""Mining partnerships while documents are indexed, and keeping what was found with the generation."""

from __future__ import annotations

from pathlib import Path

import pytest
from langchain_core.documents import Document

from partnerbot.answering.from_register import REGISTER
from partnerbot.bot import Partnerbot
from partnerbot.documents.metadata import LANGUAGE, PUBLISHED, SOURCE, TITLE
from partnerbot.errors import IndexDamaged
from partnerbot.index import generations
from partnerbot.index.build import build_index
from partnerbot.index.search import DERIVED, Index
from partnerbot.index.texts import split_into_passages
from partnerbot.models.embeddings import EmbeddingModel
from partnerbot.models.reader import load_reader
from partnerbot.register.authorities import authorities_in
from partnerbot.register.joining import read_register
from partnerbot.register.mining import mine, mine_all
from partnerbot.settings import Settings
from small_corpus import article, write_corpus

RENNES = "Rennes et Sendai sont jumelées depuis le 9 septembre 1967. Les deux villes échangent des étudiants."
SENDAI = "仙台市は1967年9月9日、フランスのレンヌ市と姉妹都市提携を結んだ。"
CONFERENCE = (
    "Les maires de Grenoble, de Lille et de Dinard ont assisté à la conférence que la ville de Sapporo "
    "accueillait en 2019. La prochaine se tiendra à Lille."
)
DOCUMENTS = {
    "rennes.md": article("Un demi-siècle", RENNES),
    "sendai.md": article("レンヌとの縁", SENDAI, "ja"),
    "conference.md": article("Une conférence", CONFERENCE),
}


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory, model: EmbeddingModel) -> Settings:
    """An index of the documents above, mined."""
    folder = tmp_path_factory.mktemp("register")
    settings = Settings(
        documents=write_corpus(folder / "documents", DOCUMENTS),
        index=folder / "index",
        glossary=folder / "none.yaml",
        register_file=folder / "register.csv",
    )
    build_index(settings.documents, settings.index, model, derive=mine_all)
    return settings


def test_documents_in_two_languages_make_one_row(settings: Settings, model: EmbeddingModel) -> None:
    """Every sentence is verbatim, and those who only met at a conference are no partners."""
    index = Index.open(settings.index, model)
    (row,) = read_register(index).partnerships
    assert row.key == "fr-city-rennes--jp-city-sendai"
    assert [cell.value for cell in row.since] == ["1967-09-09"]
    assert row.kind[0].value == "sister_cities"
    for sentence in row.sentences:
        text = index.document(sentence.document_id).page_content
        assert text[sentence.start : sentence.end] == sentence.text


def test_a_row_stands_with_all_that_its_reply_quotes_there(settings: Settings, model: EmbeddingModel) -> None:
    """Its sentence isn't cut out of a longer quote, nor quoted beside it."""
    answer = Partnerbot(settings, model, load_reader()).ask(
        "Présentez-moi le partenariat entre Rennes et Sendai dans ses grandes lignes."
    )
    assert answer.points[0].label == "Rennes – Sendai (9 septembre 1967)"
    assert answer.points[0].text == answer.citations[0].quote == RENNES
    assert [one.source for one in answer.citations].count("rennes.md") == 1


@pytest.mark.parametrize(
    ("title", "text", "keys"),
    [
        (
            "Quimper, jumelle de Miyako",
            "Les deux villes ont signé leur charte de jumelage en 1994.",
            ["fr-city-quimper--jp-city-miyako"],
        ),
        (
            "Une piscine",
            "À Roubaix, on garde une lettre de Kiryu. Les deux villes ont signé une charte de jumelage."
            "\n\nArras attend encore.",
            ["fr-city-roubaix--jp-city-kiryu"],
        ),
        (
            "Les partenaires de Besançon",
            "## Asie\n\nSuwa est la plus lointaine. L'accord de coopération date de 1998.",
            ["fr-city-besancon--jp-city-suwa"],
        ),
        (
            "Échos",
            "Guéret et Sabae se sont juré fidélité en 1991, et leurs deux conseils veillent à tenir parole.",
            ["fr-city-gueret--jp-city-sabae"],
        ),
        (
            "Tour de France",
            "### Thonon-les-Bains et Mihama\n\nLiées depuis 1997, les deux communes échangent des nageurs.",
            ["fr-city-thonon-les-bains--jp-city-mihama"],
        ),
        ("Échos", "Guéret a écrit à Sabae. La lettre n'a jamais reçu de réponse.", []),
        ("Kanazawa et la coopération", "Chartres, août 2012\n\nTrois cents élus ont parlé d'eau.", []),
    ],
)
def test_what_stands_over_a_text_or_before_it_says_who_is_meant(
    title: str, text: str, keys: list[str]
) -> None:
    """Two that a title names, a town that opens a paragraph, the title over a heading; not a bare heading.

    No word need say so, and what is offered isn't done.
    """
    document = Document(page_content=text, metadata={SOURCE: "a.md", TITLE: title, LANGUAGE: "fr"})
    indexed = split_into_passages(document)
    mined = mine(indexed)
    assert [row.key for row, _ in mined] == keys


def test_what_has_not_changed_is_not_mined_again(model: EmbeddingModel, tmp_path: Path) -> None:
    """It is taken over from the generation before."""
    documents = write_corpus(tmp_path / "documents", DOCUMENTS)
    build_index(documents, tmp_path / "index", model, derive=mine_all)
    marked = Index.open(tmp_path / "index", model).derived.replace("1967-09-09", "1966-06-06")
    (documents / "conference.md").unlink()
    build_index(documents, tmp_path / "index", model, derive=lambda texts, _: mine_all(texts, marked))
    (row,) = read_register(Index.open(tmp_path / "index", model)).partnerships
    assert [cell.value for cell in row.since] == ["1966-06-06"]


def test_documents_in_other_languages_stop_nothing(model: EmbeddingModel, tmp_path: Path) -> None:
    """They may name towns of both countries, in whatever words."""
    texts = {
        "it": "La città di Nancy è gemellata con Kanazawa dal 1973. Una festa si è tenuta a Tours.",
        "de": "Die Stadt Nancy ist seit 1973 Partnerstadt von Kanazawa. Gefeiert wurde in Tours.",
        "es": "La ciudad de Nancy está hermanada con Kanazawa desde 1973. Hubo una fiesta en Tours.",
        "ko": "낭시(Nancy)와 가나자와(Kanazawa, 金沢市)는 1973년부터 자매도시이다. Tours에서 열렸다.",
        "zh": "南锡（Nancy）与金泽市（Kanazawa、金沢市）自1973年起结为姐妹城市。仪式在Tours举行。",
    }
    documents = {
        f"{language}.md": article("Nancy – Kanazawa", text, language) for language, text in texts.items()
    }
    folder = write_corpus(tmp_path / "documents", documents | {"rennes.md": DOCUMENTS["rennes.md"]})
    build_index(folder, tmp_path / "index", model, derive=mine_all)
    rows = read_register(Index.open(tmp_path / "index", model)).partnerships
    assert "fr-city-rennes--jp-city-sendai" in {row.key for row in rows}


def test_a_damaged_register_is_noticed(model: EmbeddingModel, tmp_path: Path) -> None:
    """As is any other file of a generation."""
    documents = write_corpus(tmp_path / "documents", {"rennes.md": DOCUMENTS["rennes.md"]})
    build_index(documents, tmp_path / "index", model, derive=mine_all)
    file = generations.current(tmp_path / "index") / DERIVED
    file.write_text(file.read_text("utf-8").replace("1967", "1968"), "utf-8")
    with pytest.raises(IndexDamaged):
        Index.open(tmp_path / "index", model)


def test_a_list_is_answered_from_the_register(settings: Settings, model: EmbeddingModel) -> None:
    """Each item with its sentence; what staff hide is not shown."""
    bot = Partnerbot(settings, model, load_reader())
    answer = bot.ask("Which French towns are twinned with a Japanese one?")
    assert (answer.generator, answer.kind, answer.answer) == (
        REGISTER,
        "list",
        "1 partnership in our articles: [1]",
    )
    assert answer.points[0].label == "Rennes – Sendai (9 September 1967)"
    assert bot.ask("Which towns are twinned with Sendaii?").answer.splitlines() == [
        "Showing results for “Which towns are twinned with Sendai?”",
        "1 partnership in our articles: [1]",
    ]
    assert answer.full_list == "/partnerships?country=FR&kind=sister_cities"
    assert answer.citations[0].quote in (RENNES, SENDAI) or answer.citations[0].quote in RENNES
    settings.register_file.write_text("action,a,b\nhide,Rennes,Sendai\n", "utf-8")
    try:
        assert bot.ask("Which French towns are twinned with a Japanese one?").generator != REGISTER
    finally:
        settings.register_file.unlink()


@pytest.mark.parametrize("question", ["姉妹都市とはなんですか", "Qu’est-ce qu’un jumelage ?"])
def test_what_a_partnership_is_is_no_question_for_rows(
    settings: Settings, model: EmbeddingModel, question: str
) -> None:
    """Passages may tell; a list of partners doesn't."""
    assert Partnerbot(settings, model, load_reader()).ask(question).generator != REGISTER


def test_what_staff_hide_or_date_is_not_told_as_articles_have_it(
    settings: Settings, model: EmbeddingModel
) -> None:
    """A pair that they hide isn't answered from its article; beside a quote stands their date."""
    bot = Partnerbot(settings, model, load_reader())
    question = "Quelle ville est jumelée avec Sendai ?"
    head = "action;a;b;since;source\n"
    try:
        settings.register_file.write_text(f"{head}hide;Rennes;Sendai;;\n", "utf-8")
        hidden, told = bot.ask(question), bot.ask("Parlez-moi du partenariat entre Rennes et Sendai.")
        settings.register_file.write_text(f"{head}change;Rennes;Sendai;10/09/1967;Mairie\n", "utf-8")
        changed = bot.ask(question)
    finally:
        settings.register_file.unlink()
    assert hidden.status == told.status == "not_in_documents"
    assert not told.related
    article_, staff = changed.points
    assert article_.citations == [1]
    assert staff.citations == []
    assert article_.label == staff.label == "Rennes – Sendai (10 septembre 1967)"


def test_what_staff_add_is_told_with_their_source(settings: Settings, model: EmbeddingModel) -> None:
    """Counted apart from what articles state, and shown, though no sentence states it."""
    bot = Partnerbot(settings, model, load_reader())
    settings.register_file.write_text(
        "action,a,b,kind,since,source\n"
        "add,Nancy,Kanazawa,jumelage,1973,Archives municipales\n"
        "add,Brest,Yokosuka,colony,,lost\n",
        "utf-8",
    )
    try:
        counted = bot.ask("Combien de villes françaises sont jumelées avec une ville japonaise ?")
        asked = bot.ask("Nancy et Kanazawa sont-elles jumelées ?")
        bare = bot.ask("Kanazawa", language="fr")
    finally:
        settings.register_file.unlink()
    assert counted.short_answer == "2"
    assert counted.answer == "1 partenariat dans nos articles, et 1 de plus d’après nos services\u00a0: [1]"
    staff, article_ = counted.points
    assert (staff.label, staff.citations) == ("Nancy – Kanazawa (1973)", [])
    assert staff.text == "Information de nos services. Source\u00a0: Archives municipales"
    assert article_.citations == [1]
    assert (asked.answer, asked.points) == ("D’après nos services", [staff])
    assert bare.points == [staff]


def test_a_sentence_that_states_two_partnerships_is_cited_once(model: EmbeddingModel, tmp_path: Path) -> None:
    """Each partnership is an item, and both name the same source; a heading is no part of the quote."""
    said = "Rennes est jumelée avec Sendai, et Nancy avec Kanazawa."
    text = f"Deux vieux jumelages\n\n{said} Les habitants voyagent beaucoup."
    settings = Settings(
        documents=write_corpus(tmp_path / "documents", {"deux.md": article("Deux jumelages", text)}),
        index=tmp_path / "index",
        glossary=tmp_path / "none.yaml",
        register_file=tmp_path / "register.csv",
    )
    build_index(settings.documents, settings.index, model, derive=mine_all)
    answer = Partnerbot(settings, model, load_reader()).ask("Quelles villes françaises sont jumelées ?")
    assert [point.label for point in answer.points] == ["Nancy – Kanazawa", "Rennes – Sendai"]
    assert [citation.quote for citation in answer.citations] == [said]
    assert answer.answer == "2 partenariats dans nos articles\u00a0: [1]"


def test_who_asks_for_a_field_is_shown_what_tells_of_it(model: EmbeddingModel, tmp_path: Path) -> None:
    """And what names the partners, if that sentence doesn't."""
    tie, field = (
        "Rennes est jumelée avec Sendai depuis 1967.",
        "Les deux villes échangent leurs recettes de cuisine.",
    )
    settings = Settings(
        documents=write_corpus(
            tmp_path / "documents", {"a.md": article("Rennes et Sendai", f"{tie} {field}")}
        ),
        index=tmp_path / "index",
        glossary=tmp_path / "none.yaml",
    )
    build_index(settings.documents, settings.index, model, derive=mine_all)
    answer = Partnerbot(settings, model, load_reader()).ask("Quels jumelages portent sur la gastronomie ?")
    assert answer.generator == REGISTER
    assert [citation.quote for citation in answer.citations] == [field, tie]


def test_two_partners_are_confirmed_to_who_asks_whether_they_are(
    settings: Settings, model: EmbeddingModel
) -> None:
    """Who asks what links them, or in which fields, isn't told "yes"."""
    bot = Partnerbot(settings, model, load_reader())
    assert bot.ask("Rennes et Sendai sont-elles jumelées ?").answer == "Oui, d’après nos articles\u00a0: [1]"
    for asked in (
        "What is the link between Rennes and Sendai?",
        "Dans quels domaines Rennes et Sendai coopèrent-elles ?",
        "レンヌと仙台はどんな分野で協力していますか？",
    ):
        assert bot.ask(asked).generator != REGISTER


def test_the_date_that_answers_is_marked_in_its_quote(settings: Settings, model: EmbeddingModel) -> None:
    """As whatever is set large: the reader sees at once where it stands."""
    answer = Partnerbot(settings, model, load_reader()).ask(
        "Quelle est la date du jumelage de Rennes et Sendai ?"
    )
    (cited,) = answer.citations
    assert (answer.generator, answer.short_answer) == (REGISTER, "9 septembre 1967")
    assert cited.highlight is not None
    assert cited.quote[slice(*cited.highlight)] == "9 septembre 1967"


@pytest.mark.parametrize(
    "question",
    [
        "Présentez-moi le partenariat entre Rennes et Sendai dans ses grandes lignes.",
        "Parlez-moi de Rennes et Sendai.",
    ],
)
def test_an_overview_of_a_partnership_begins_with_its_row(
    settings: Settings, model: EmbeddingModel, question: str
) -> None:
    """Then come the passages, and no sentence twice; citations are numbered in their order."""
    answer = Partnerbot(settings, model, load_reader()).ask(question)
    assert answer.points[0].label == "Rennes – Sendai (9 septembre 1967)"
    assert answer.full_list == "/partnerships?place=fr-city-rennes"
    assert [one.number for one in answer.citations] == list(range(1, len(answer.citations) + 1))
    places = [(one.source, one.start) for one in answer.citations]
    assert len(places) == len(set(places))


def test_an_overview_begins_in_the_askers_language(tmp_path: Path, model: EmbeddingModel) -> None:
    """An article in it that names both comes before the one that states the partnership."""
    documents = {
        "fr.md": article("Le jumelage", "Brest et Yokosuka sont jumelées depuis le 26 novembre 1970."),
        "en.md": article(
            "A shipyard", "The story of Brest and Yokosuka begins in a shipyard, with an engineer.", "en"
        ),
    }
    folder = write_corpus(tmp_path / "documents", documents)
    build_index(folder, tmp_path / "index", model, derive=mine_all)
    settings = Settings(documents=folder, index=tmp_path / "index", glossary=tmp_path / "none.yaml")
    answer = Partnerbot(settings, model, load_reader()).ask("Tell me about Brest and Yokosuka.")
    assert [one.source for one in answer.citations] == ["en.md", "fr.md"]
    assert answer.points[0].label == "Brest – Yokosuka (26 November 1970)"


@pytest.mark.parametrize(
    "question",
    [
        "Depuis quand Tours et Takamatsu sont-elles jumelées ?",
        "En quelle année Tours s'est-elle jumelée avec Takamatsu ?",
        "Quel jour solennel a vu naître le jumelage de Tours avec Takamatsu ?",
    ],
)
def test_a_partnership_without_a_date_gets_none_from_what_is_near(
    tmp_path: Path, model: EmbeddingModel, question: str
) -> None:
    """The day of a prize is quoted, and not set large as the beginning, in whatever words that is asked."""
    text = "Tours et Takamatsu, villes jumelles, ont reçu un prix à Tokyo. C'était le 14 mai 2018."
    folder = write_corpus(tmp_path / "documents", {"prix.md": article("Un prix", text)})
    build_index(folder, tmp_path / "index", model, derive=mine_all)
    settings = Settings(documents=folder, index=tmp_path / "index", glossary=tmp_path / "none.yaml")
    answer = Partnerbot(settings, model, load_reader()).ask(question)
    assert answer.short_answer is None


@pytest.mark.parametrize(
    "question",
    [
        "En quelle année Rennes s'est-elle jumelée avec Sendai ?",
        "Depuis combien de temps Rennes et Sendai sont-elles jumelées ?",
        "How long have Rennes and Sendai been sister cities?",
        "レンヌと仙台が姉妹都市になった年は？",
    ],
)
def test_since_when_two_are_partners_is_asked_in_many_ways(
    settings: Settings, model: EmbeddingModel, question: str
) -> None:
    """Also how long, to which no article has the answer of today."""
    answer = Partnerbot(settings, model, load_reader()).ask(question)
    assert answer.generator == REGISTER
    assert "1967" in (answer.short_answer or "")


def test_towns_lie_in_the_region_of_today() -> None:
    """Nancy and Reims are in Grand Est, as Strasbourg is, though that is in Alsace, too."""
    towns = authorities_in("Nancy, Reims et Strasbourg", "fr")
    assert [one.authority.region for one in towns] == ["FR-GES"] * 3


def test_a_list_below_a_heading_is_mined(model: EmbeddingModel, tmp_path: Path) -> None:
    """Its items needn't say again what the line above them says; two items are no pair."""
    text = "Villes jumelées au Japon :\n\n- Nancy – Kanazawa (1973)\n- Tours – Takamatsu (1988)"
    documents = write_corpus(tmp_path / "documents", {"list.md": article("Nos jumelages", text)})
    build_index(documents, tmp_path / "index", model, derive=mine_all)
    rows = read_register(Index.open(tmp_path / "index", model)).partnerships
    assert [row.key for row in rows] == [
        "fr-city-nancy--jp-city-kanazawa",
        "fr-city-tours--jp-city-takamatsu",
    ]
    assert [row.since[0].value for row in rows] == ["1973", "1988"]


def test_each_partner_is_dated_by_its_own_sentence(model: EmbeddingModel, tmp_path: Path) -> None:
    """Not by the one before, which tells of another partner of the same town."""
    text = (
        "最も古い相手はアメリカのバッファローで、提携は1962年12月18日です。"
        "1967年3月20日には、ロシアのイルクーツクとブラジルのポルト・アレグレの2都市と、同じ日に提携しました。"
    )
    documents = write_corpus(tmp_path / "documents", {"towns.md": article("金沢市の姉妹都市", text, "ja")})
    build_index(documents, tmp_path / "index", model, derive=mine_all)
    rows = read_register(Index.open(tmp_path / "index", model)).partnerships
    dates = {row.a.key: row.since[0].value for row in rows if row.since}
    assert (dates.get("us-city-buffalo"), dates.get("ru-city-irkutsk")) == ("1962-12-18", "1967-03-20")


@pytest.mark.parametrize(
    ("text", "language", "since"),
    [
        ("Tours et Takamatsu sont jumelées. En mai 2018, le prix du ministre leur a été remis.", "fr", []),
        ("In May 2018 Tours and its twin town Takamatsu received an award in Tokyo.", "en", []),
        ("高松市と姉妹都市トゥールの交流に対する表彰式は、2018年5月に行われました。", "ja", []),
        ("En 2020, Brest et Yokosuka ont célébré le cinquantenaire de leur jumelage.", "fr", []),
        ("2020年は、横須賀市とブレスト市の提携から50年の節目でした。", "ja", []),
        (
            "Brest and Yokosuka became sister cities on 26 November 1970. Since 2004 they exchange staff.",
            "en",
            ["1970-11-26"],
        ),
        (
            "金沢市議会は1972年9月30日に提携を承認し、1973年10月12日にナンシー市と姉妹都市の盟約を結びました。",
            "ja",
            ["1973-10-12"],
        ),
        (
            "鯖江市は1998年10月12日にフランスのサラン・レ・バン市と姉妹都市になりました。\n"
            "眼鏡部品の共同開発に関する覚書を令和5年10月15日に両市で締結した。",
            "ja",
            ["1998-10-12"],
        ),
        (  # of a year that isn't known
            "Le département de Kumamoto et la métropole de Dijon ont signé un protocole d’entente au mois "
            "d’octobre de l’année dernière. Les échanges entre Dijon et Kumamoto ont commencé dès 2010, "
            "lorsque deux pôles ont signé un accord de coopération.",
            "fr",
            [],
        ),
    ],
)
def test_a_partnership_is_dated_by_what_began_it(text: str, language: str, since: list[str]) -> None:
    """Not by a prize, an anniversary, an exchange of staff, the vote before it or what both sign later."""
    document = Document(page_content=text, metadata={SOURCE: "a.md", TITLE: "Échos", LANGUAGE: language})
    indexed = split_into_passages(document)
    ((row, _),) = mine(indexed)
    assert [cell.value for cell in row.since] == since


@pytest.mark.parametrize(
    ("text", "language", "since"),
    [
        ("Riom et Nagano sont jumelées depuis trente ans.", "fr", "1994"),
        (
            "高松市とトゥール市が「木の文化に関する協力協定」を交わしてから、この秋で10年になる。",
            "ja",
            "2014",
        ),
        ("Brest and Yokosuka signed their sister-city agreement on 28 May.", "en", "2024-05-28"),
        ("Brest and Yokosuka signed their sister-city agreement on 28 June.", "en", "2023-06-28"),
    ],
)
def test_a_date_that_isnt_told_whole_is_counted_from_the_documents(
    text: str, language: str, since: str
) -> None:
    """As readers of an article of 30 May 2024 do."""
    known = {SOURCE: "a.md", TITLE: "Échos", LANGUAGE: language, PUBLISHED: "2024-05-30"}
    document = Document(page_content=text, metadata=known)
    indexed = split_into_passages(document)
    ((row, _),) = mine(indexed)
    assert [cell.value for cell in row.since] == [since]


@pytest.mark.parametrize("language", ["it", "zh"])
def test_a_document_of_a_language_without_words_of_its_own_is_mined(language: str) -> None:
    """As an English one: it may quote some."""
    known = {SOURCE: "a.md", TITLE: "Le province", LANGUAGE: language}
    text = "Augsburg: the town is twinned with Nagahama, a sister city; le province, too."
    document = Document(page_content=text, metadata=known)
    indexed = split_into_passages(document)
    assert len(mine(indexed)) == 1


@pytest.mark.parametrize(
    ("title", "text", "language", "fields"),
    [
        (
            "Les Rencontres",
            "Tours est jumelée avec Takamatsu : en 2016, vingt élus y ont parlé d'urbanisme.",
            "fr",
            [],
        ),
        (
            "第5回会議",
            "トゥール市と高松市は姉妹都市です。会議の第一の分科会は観光を扱いました。",
            "ja",
            [],
        ),
        (
            "Tours and Takamatsu",
            "Tours is twinned with Takamatsu. Gardeners have been exchanged every year.",
            "en",
            ["gardens"],
        ),
        (
            "Échos",
            "Tours et Takamatsu, villes jumelles, coopèrent autour de la gastronomie ; une foule est venue.",
            "fr",
            ["food"],
        ),
    ],
)
def test_fields_are_those_of_a_partnership(title: str, text: str, language: str, fields: list[str]) -> None:
    """Not of the workshops of a conference that one of them hosts."""
    document = Document(page_content=text, metadata={SOURCE: "a.md", TITLE: title, LANGUAGE: language})
    indexed = split_into_passages(document)
    ((row, _),) = mine(indexed)
    assert [cell.value for cell in row.fields] == fields


def test_a_count_stands_beside_the_totals_that_documents_state(model: EmbeddingModel, tmp_path: Path) -> None:
    """Each with its sentence; partners of other countries aren't counted among those of these two."""
    texts = {
        "rennes.md": DOCUMENTS["rennes.md"],
        "nancy.md": article("Nancy", "Nancy est jumelée avec Kanazawa depuis 1973."),
        "buffalo.md": article("金沢市の姉妹都市", "金沢市はアメリカのバッファロー市と姉妹都市である。", "ja"),
        "cuf.md": article("Combien", "Cités Unies France recense 91 jumelages franco-japonais en tout."),
        "comite.md": article("Le comité", "Le comité de jumelage compte 71 membres et 12 bénévoles."),
    }
    settings = Settings(
        documents=write_corpus(tmp_path / "documents", texts),
        index=tmp_path / "index",
        glossary=tmp_path / "none.yaml",
        register_file=tmp_path / "register.csv",
    )
    build_index(settings.documents, settings.index, model, derive=mine_all)
    bot = Partnerbot(settings, model, load_reader())
    for question in ("Combien de jumelages ?", "How many sister cities are there?", "姉妹都市はいくつ？"):
        answer = bot.ask(question)
        assert (answer.generator, answer.short_answer) == (REGISTER, None)
        assert "2" in answer.answer
        assert "3" in answer.answer
        assert answer.points[0].text == "Cités Unies France recense 91 jumelages franco-japonais en tout."
        assert len(answer.points) == 3
        assert answer.full_list == "/partnerships?country=FR&kind=sister_cities"
    settings.register_file.write_text(
        "action,a,b,kind,source\nadd,Brest,Yokosuka,agreement,archives\n", "utf-8"
    )
    for question, introduction in (
        (
            "Which French towns are twinned with a Japanese one?",
            "2 partnerships in our articles:",  # what staff add is no article's
        ),
        ("Which towns are twinned with an American one?", "1 partnership in our articles:"),
        ("Which towns are twinned with a French one?", "2 of the 3 partnerships in our articles:"),
    ):
        assert bot.ask(question).answer.startswith(introduction)
