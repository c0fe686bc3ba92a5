"""Answers of a real bot on the small corpus, and how evidence becomes an answer."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from importlib import resources
from pathlib import Path
from types import SimpleNamespace
from typing import cast, get_args

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from langchain_core.documents import Document

from partnerbot.answering.answer import Answer, Kind, Token, Turn
from partnerbot.answering.compose import compose
from partnerbot.answering.entities import Said, contradicts, same_answer
from partnerbot.answering.evidence import Evidence
from partnerbot.answering.investigation import Certainty, Investigation
from partnerbot.answering.kinds import KINDS, Intent, QuestionKind
from partnerbot.answering.phrases import language_name, phrases, written_date
from partnerbot.answering.question import Question, understand
from partnerbot.appearance import read_appearance
from partnerbot.bot import Partnerbot
from partnerbot.documents.language import detect_language
from partnerbot.errors import ConfigurationError, IndexUnavailable, QuestionRejected
from partnerbot.index.lexical import LexicalIndex
from partnerbot.index.search import Index
from partnerbot.index.spellings import Spellings
from partnerbot.models.embeddings import EmbeddingModel
from partnerbot.models.reader import Reader, Reading, States, load_reader
from partnerbot.settings import Settings
from small_corpus import CHARTER, FOOTBATH, GARDEN, MARATHON, PUPILS_FR, PUPILS_JA, TEA

ANSWERED = [
    # question, source, short answer, what is highlighted
    ("Quand la charte d’amitié a-t-elle été signée ?", CHARTER, "12 avril 2009", "12 avril 2009"),
    ("En quelle année la fromagerie Bellerive a-t-elle ouvert sa boutique ?", CHARTER, "2017", "2017"),
    ("When did the Bellerive cheese dairy open its shop in Kirisawa?", CHARTER, "2017", "2017"),
    ("Combien de lycéens japonais ont logé dans des familles ?", PUPILS_FR, "24", "24"),
    ("Qui a dessiné le jardin sec du parc municipal ?", GARDEN, "Sakamoto Yui", "Sakamoto Yui"),
    ("足湯はいつ開業しましたか？", FOOTBATH, "2021年6月5日", "2021年6月5日"),
    ("How many guests attended the tea ceremony?", TEA, "75", "75"),
    ("クレールムランの図書館が受け取った絵本は何冊ですか？", "en/library.md", "312", "312"),
]

OFF_TOPIC = {
    "fr": "Quel temps fera-t-il demain à Oslo ?",
    "ja": "ブラジルの首都はどこですか？",
    "en": "What is the boiling point of mercury?",
}


def check(bot: Partnerbot, answer: Answer) -> None:
    """What holds for every answer, whatever was asked."""
    assert answer.status in ("answered", "not_in_documents")
    assert (answer.status == "answered") == bool(answer.citations or answer.kind == "conversation")
    assert answer.kind in ("fact", "count") or answer.short_answer is None
    if answer.kind == "conversation":
        assert (answer.citations, answer.points, answer.related) == ([], [], [])
    assert [citation.number for citation in answer.citations] == list(range(1, len(answer.citations) + 1))
    for citation in answer.citations:
        document = bot.document_text(citation.source)
        assert document.page_content[citation.start : citation.end] == citation.quote != ""
        assert citation.language == document.metadata["language"]
        assert f"[{citation.number}]" in answer.answer
        assert 0 <= citation.relevance <= 1
        if citation.highlight is not None:
            start, end = citation.highlight
            assert 0 <= start < end <= len(citation.quote)
    for point in answer.points:
        assert point.text == answer.citations[point.citations[0] - 1].quote
    if answer.status == "not_in_documents":
        assert (answer.short_answer, answer.points) == (None, [])
        assert bot.settings.contact in answer.answer
    assert Answer.model_validate_json(answer.model_dump_json()) == answer


@pytest.mark.parametrize(("question", "source", "short_answer", "highlighted"), ANSWERED)
def test_a_question_is_answered_with_its_sentence(
    small_bot: Partnerbot, question: str, source: str, short_answer: str, highlighted: str
) -> None:
    """In the asker's way of writing, from the right document, the answer marked in the verbatim quote."""
    answer = small_bot.ask(question)
    check(small_bot, answer)
    cited = answer.citations[0]
    assert (answer.status, cited.source) == ("answered", source)
    assert answer.short_answer is not None
    assert answer.short_answer.removesuffix("年").removesuffix("人") == short_answer.removesuffix("年")
    assert cited.highlight is not None
    assert highlighted in cited.quote[slice(*cited.highlight)]
    assert answer.answer.startswith(answer.short_answer)


@pytest.mark.parametrize(
    ("question", "written"),
    [
        ("Quand la charte d’amitié a-t-elle été signée ?", "12 avril 2009"),
        ("When was the friendship charter between Clairmoulin and Kirisawa signed?", "12 April 2009"),
    ],
)
def test_a_date_is_written_as_the_asker_writes_it(small_bot: Partnerbot, question: str, written: str) -> None:
    """The quote keeps the document's words."""
    answer = small_bot.ask(question)
    assert answer.short_answer == written
    assert "12 avril 2009" in answer.citations[0].quote


@pytest.mark.parametrize(("language", "question"), OFF_TOPIC.items())
def test_what_the_documents_do_not_say_is_admitted(
    small_bot: Partnerbot, language: str, question: str
) -> None:
    """In the asker's language, with whom to ask, and without a citation."""
    answer = small_bot.ask(question)
    check(small_bot, answer)
    assert (answer.status, answer.language, answer.citations) == ("not_in_documents", language, [])
    assert detect_language(answer.answer.replace(small_bot.settings.contact, "")) == language


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("Quels liens Clairmoulin a-t-elle avec Lyon ?", "ne mentionnent pas Lyon"),
        ("What does Kirisawa do with Cleveland or Bilbao?", "do not mention Cleveland or Bilbao"),
        ("니스와 자매도시인 일본 도시는 어디인가요?", "자료에 니스은(는) 나오지 않습니다"),
        ("부산은 어느 도시와 협력하나요?", "자료에 부산은(는) 나오지 않습니다"),
    ],
)
def test_a_name_that_no_article_has_is_told(small_bot: Partnerbot, question: str, said: str) -> None:
    """So a visitor knows that it isn't the wording that finds nothing."""
    answer = small_bot.ask(question)
    assert answer.status == "not_in_documents"
    assert said in answer.answer
    assert "Clairmoulin" not in answer.answer


def test_a_relative_date_is_shown_with_the_articles_date(small_bot: Partnerbot) -> None:
    """ "In October of last year" means nothing without it."""
    answer = small_bot.ask("Quand la première course des deux rivières a-t-elle eu lieu ?")
    assert answer.citations[0].source == MARATHON
    assert "15 mars 2022" in answer.warnings[0]
    assert small_bot.ask("Combien de coureurs la course des deux rivières a-t-elle réunis ?").warnings == []


@pytest.mark.parametrize(
    ("question", "source"),
    [
        ("Combien de lycéens japonais ont logé dans des familles ?", PUPILS_FR),
        ("何人の日本の高校生が家庭に滞在しましたか？", PUPILS_JA),
    ],
)
def test_a_translation_is_counted_once(small_bot: Partnerbot, question: str, source: str) -> None:
    """The edition in the asker's language is cited, and the other is not cited beside it."""
    cited = {citation.source for citation in small_bot.ask(question).citations}
    assert cited & {PUPILS_FR, PUPILS_JA} == {source}


def test_boilerplate_is_never_quoted(small_bot: Partnerbot) -> None:
    """Menus and captions of a copied page are not text."""
    text = small_bot.document_text(CHARTER).page_content
    assert "A+" not in text
    assert "©" not in text
    assert "Mentions légales" not in small_bot.document_text(GARDEN).page_content


@pytest.mark.parametrize(
    ("first", "follow_up", "short_answer"),
    [
        ("Qui est le maire de Kirisawa ?", "Combien de personnes y avait-il dans sa délégation ?", "18"),
        ("足湯はいつ開業しましたか？", "では、建設費は？", "4200万"),
    ],
)
def test_a_follow_up_finds_what_the_conversation_is_about(
    small_bot: Partnerbot, first: str, follow_up: str, short_answer: str
) -> None:
    """Its document is found by the names of the question before."""
    history = [Turn(role="user", content=first), Turn(role="assistant", content="… [1]")]
    found = small_bot.investigate(follow_up, history)
    assert any(short_answer in candidate.passage.context for candidate in found.candidates[:3])


def test_the_stream_ends_with_what_ask_returns(small_bot: Partnerbot) -> None:
    """Tokens that add up to the answer's text, then the Answer."""
    *tokens, last = small_bot.stream(ANSWERED[0][0])
    assert isinstance(last, Answer)
    assert "".join(token.text for token in tokens if isinstance(token, Token)) == last.answer
    asked = small_bot.ask(ANSWERED[0][0])
    assert asked.model_copy(update={"timings_ms": {}}) == last.model_copy(update={"timings_ms": {}})


def test_what_is_suggested_is_answered_at_once(small_bot: Partnerbot) -> None:
    """It was asked before it was shown. What follows another question, or is a visitor's own, is read."""
    question, own = "Who signed the agreement on the dry garden?", "Who drew the plans of the dry garden?"
    checked = small_bot.quoted_answer(question, "en")
    pressed = small_bot.ask(question)
    after = small_bot.ask(question, [Turn(role="user", content=ANSWERED[0][0])])
    visitors = [small_bot.ask(own) for _ in range(2)]
    assert all("read" in answer.timings_ms for answer in (checked, after, *visitors))
    assert pressed.timings_ms.keys() == {"understand", "total"}
    assert pressed.model_copy(update={"timings_ms": {}}) == checked.model_copy(update={"timings_ms": {}})


_ODD = [*"?！%'«<>{}\\\"½😀", "{contact}", "[1]", "n°", "M.", "\n", "\x00", "\u202e", "e\u0301", "١٢", "第一"]
_ASKING = ["Quand", "Combien", "Où", "How many", "who", "いつ", "何人", "ですか", "Kirisawa", "足湯", "2009"]
_FRAGMENTS = st.lists(st.sampled_from(_ODD + _ASKING), max_size=12).map(" ".join)


@settings(max_examples=3)
@given(question=st.one_of(_FRAGMENTS, st.text(max_size=60)))
@example(question="猫" * 1000)
@example(question="Quand ? " * 120)
def test_any_question_is_answered_or_refused(small_bot: Partnerbot, question: str) -> None:
    """Never another exception; and what is quoted is always in the document, at its offsets."""
    try:
        answer = small_bot.ask(question)
    except QuestionRejected:
        return
    check(small_bot, answer)


@pytest.mark.parametrize(
    "content", ["[examples]\nfr = 'one'", "[examples]\nfr = [1]", "not toml", "[examples.fr]\nq = 'x'"]
)
def test_wrong_examples_are_told(tmp_path: Path, content: str) -> None:
    """With the file, as a wrong configuration."""
    (tmp_path / "appearance.toml").write_text(content, "utf-8")
    with pytest.raises(ConfigurationError, match=r"appearance\.toml"):
        read_appearance(tmp_path / "appearance.toml")


def test_a_bot_without_an_index_says_so(
    small_settings: Settings, model: EmbeddingModel, tmp_path: Path
) -> None:
    """Whatever is asked of it."""
    bot = Partnerbot(small_settings.model_copy(update={"index": tmp_path}), model, load_reader())
    for act in (bot.ready, lambda: bot.ask("Quand ?"), lambda: bot.document_text(CHARTER)):
        with pytest.raises(IndexUnavailable, match="Run: partnerbot index"):
            act()


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("Quels lieux de Clairmoulin ont accueilli des invités japonais ?", "list"),
        ("Parlez-moi de l’amitié entre Clairmoulin et Kirisawa.", "overview"),
        ("霧沢市の和紙工房について教えてください。", "overview"),
    ],
)
def test_a_question_for_more_than_a_value_gets_points(
    small_bot: Partnerbot, question: str, kind: Kind
) -> None:
    """Verbatim, each with its source, introduced in the asker's language, and without a headline."""
    answer = small_bot.ask(question)
    check(small_bot, answer)
    assert (answer.kind, answer.short_answer) == (kind, None)
    assert answer.points
    assert answer.answer.startswith(phrases(answer.language).introductions[kind])
    assert [point.citations for point in answer.points] == [[one.number] for one in answer.citations]


@pytest.mark.parametrize("language", ["fr", "ja", "en"])
@pytest.mark.parametrize(
    "message",
    ["Bonjour !", "Merci beaucoup !", "こんにちは", "ありがとうございました", "Hello there!", "Who are you?"],
)
def test_conversation_is_answered_in_words_of_our_own(
    small_bot: Partnerbot, message: str, language: str
) -> None:
    """In the reader's language, without sources and without "not in the documents"."""
    answer = small_bot.ask(message, language=language)
    check(small_bot, answer)
    assert (answer.status, answer.kind, answer.language) == ("answered", "conversation", language)
    assert (answer.citations, answer.points, answer.related, answer.short_answer) == ([], [], [], None)
    assert detect_language(answer.answer) == language


@pytest.mark.parametrize(
    ("question", "short_answer"),
    [
        ("Bonjour, quand la charte d’amitié a-t-elle été signée ?", "12 avril 2009"),
        ("Hello, when was the friendship charter signed?", "12 April 2009"),
        ("こんにちは。足湯はいつ開業しましたか？", "2021年6月5日"),
    ],
)
def test_a_polite_question_is_a_question(small_bot: Partnerbot, question: str, short_answer: str) -> None:
    """A greeting before it changes nothing."""
    assert small_bot.ask(question).short_answer == short_answer


# ---- Composition, from evidence made by hand ---------------------------------------------------


def evidence(
    source: str, short_answer: str | None, probability: float, *, rival: bool = False, **metadata: str
) -> Evidence:
    quote = f"La fête a lieu le {short_answer}." if short_answer else "La fête aura lieu."
    known = {"source": source, "title": source, "language": "fr", **metadata}
    document = Document(page_content=quote, metadata=known)
    return Evidence(document, quote, 0, len(quote), None, short_answer, probability, rival)


def test_what_was_not_read_does_not_answer() -> None:
    """A passage that is only alike, after one that was read and doesn't convince, makes no answer."""
    assert composed(evidence("read", None, 0.2), evidence("unread", None, 0.8)).status == "not_in_documents"


WORDS = replace(LexicalIndex.build(["Une fête."]), spellings=Spellings([("Kirisawa", "霧沢")]))


def composed(
    *pieces: Evidence,
    kind: QuestionKind = "fact",
    points: Sequence[Evidence] | None = None,
    language: str = "fr",
    related: tuple[Document, ...] = (),
    asked: str = "Quand ?",
    passages: float = 0.5,
) -> Answer:
    """Compose an answer; `points`: if not said, the sentences that surely answer, which are relevant, too."""
    if points is None:
        sure = [piece for piece in pieces if piece.short_answer and piece.probability >= 0.5]
        points = [replace(piece, short_answer=None, probability=1.0) for piece in sure]
    question = Question(asked, asked, asked, language, "fr")
    index = cast(Index, SimpleNamespace(lexical=WORDS, passages_of=lambda _: ()))
    found = Investigation(
        question, intent(kind), index, [], list(pieces), list(points), list(related), {"total": 1.0}
    )
    return compose(found, Certainty(0.5, passages), "la mairie")


def intent(kind: QuestionKind) -> Intent:
    return Intent({each: float(each == kind) for each in KINDS}, None)


def sources(answer: Answer) -> list[str]:
    return [citation.source for citation in answer.citations]


def test_a_day_without_its_year_is_not_set_large() -> None:
    """It was told of one year; only who names that year is asking for it."""
    told = evidence("a", "3 mai", 0.9, published="1990-06-01")
    assert composed(told).short_answer is None
    assert composed(told).points[0].text == told.quote
    assert composed(told, asked="Quand en 1990 ?").short_answer == "3 mai"


def test_what_may_be_of_no_use_is_only_what_comes_nearest() -> None:
    """It isn't called steps, and who can be asked stands below."""
    near = composed(kind="howto", points=[evidence("a", "3 mai 1990", 0.2)], passages=0.1)
    assert (near.status, near.kind) == ("answered", "nearest")
    texts = phrases("fr")
    assert near.answer == (
        f"{texts.not_sure} Contactez-nous\u00a0: la mairie\n{texts.introductions['nearest']} [1]"
    )
    surer = composed(kind="howto", points=[evidence("a", "3 mai 1990", 0.6)], passages=0.1)
    assert surer.answer == f"{phrases('fr').introductions['howto']} [1]"


def test_documents_that_agree_are_cited_together() -> None:
    """Those that say otherwise, or are unsure, are not."""
    answer = composed(
        evidence("a", "3 mai 1990", 0.9),
        evidence("b", "3 MAI 1990", 0.8),
        evidence("c", "4 mai 1990", 0.8),
        evidence("d", "3 mai 1990", 0.3),
    )
    assert sources(answer) == ["a", "b"]
    assert answer.answer == "3 mai 1990 [1] [2]"


@pytest.mark.parametrize("language", ["fr", "ja", "en"])
@pytest.mark.parametrize(
    ("one", "other", "line"),
    [
        ("2016-02-01", "2023-05", "says_newer"),
        ("2023-05", "2016-02-01", "says_older"),
        ("2023-05", "2023-05-02", "says_otherwise"),
        (None, "2023-05", "says_otherwise"),
        ("2023-05", None, "says_otherwise"),
    ],
)
def test_documents_that_disagree_are_both_shown_with_their_dates(
    language: str, one: str | None, other: str | None, line: str
) -> None:
    """Each with what it says, and which of them is the newer one, where that is known."""
    dated = [{} if date is None else {"published": date} for date in (one, other)]
    first, second = (
        evidence("a", "2019", 0.9, **dated[0]),
        evidence("b", "2021", 0.86, rival=True, **dated[1]),
    )
    answer = composed(first, second, language=language)
    assert sources(answer) == ["a", "b"]
    assert sources(composed(first, replace(second, probability=0.8), language=language)) == ["a"]
    assert [citation.published for citation in answer.citations] == [one, other]
    assert answer.short_answer == "2019"
    said, otherwise = answer.answer.split("\n")
    assert said == "2019 [1]"
    dates = {"date": written_date(other or "2000", language), "first": written_date(one or "2000", language)}
    known = "" if other is None or line != "says_otherwise" else f" ({dates['date']})"
    assert otherwise == getattr(phrases(language), line).format(answer=f"2021{known} [2]", **dates)


def test_a_document_that_gives_both_disagrees_only_if_it_is_newer() -> None:
    """Who is told of beside the first is somebody else, unless a newer document names a successor."""

    def piece(source: str, text: str, name: str, published: str, *, rival: bool) -> Evidence:
        known = {"source": source, "title": source, "language": "fr", "published": published}
        return Evidence(
            Document(page_content=text, metadata=known), text, 0, len(text), None, name, 0.9, rival
        )

    both = "Henri Vasseur succède à Mori Taeko."
    one = piece("a", "Mori Taeko dirige le chœur.", "Mori Taeko", "2019", rival=False)
    assert sources(composed(one, piece("b", both, "Henri Vasseur", "2023", rival=True))) == ["a", "b"]
    assert sources(composed(one, piece("b", both, "Henri Vasseur", "2016", rival=True))) == ["a"]
    pupils = "Les élèves partent depuis 1995, les agents depuis 2004."
    one = piece("a", "Les agents partent depuis 2004.", "2004", "2021", rival=False)
    assert sources(composed(one, piece("b", pupils, "1995", "2026", rival=True))) == ["a"]
    price = "L'entrée coûte 7 euros, et non plus 4 euros."
    one = piece("a", "L'entrée coûte 4 euros.", "4 euros", "2018", rival=False)
    assert sources(composed(one, piece("b", price, "7 euros", "2024", rival=True))) == ["a", "b"]
    assert sources(composed(one, piece("b", price, "7 euros", "2016", rival=True))) == ["a"]


def test_only_a_rival_says_otherwise() -> None:
    """What another sentence says, however sure, answers something else."""
    assert sources(composed(evidence("a", "3 mai 1990", 0.95), evidence("b", "4 mai 1990", 0.93))) == ["a"]


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (Said("4 euros", "fr"), Said("7 euros", "fr"), True),
        (Said("3万2千人", "ja"), Said("2万7千人", "ja"), True),
        (Said("32 000", "fr"), Said("2万7千", "ja"), True),
        (Said("12 avril 2009", "fr"), Said("13 April 2009", "en"), True),
        (Said("Mori Taeko", "en"), Said("Henri Vasseur", "fr"), True),
        (Said("last year", "en", "2018"), Said("2016", "fr"), True),
        (Said("last year", "en", "2017-03-09"), Said("mars 2016", "fr"), False),
        (Said("12 avril 2009", "fr"), Said("2009年", "ja"), False),
        (Said("32 000 habitants", "fr"), Said("3万2千人", "ja"), False),
        (Said("4 semaines", "fr"), Said("4 ans", "fr"), False),
        (Said("le lycée CUC Shodai", "fr"), Said("CUC Shodai高校", "ja"), False),
        (Said("Thierry Dana", "fr"), Said("ティエリー・ダナ", "ja"), False),
        (Said("狩野家", "ja"), Said("狩野(かのう)家", "ja"), False),
        (Said("Thierry Dana", "fr"), Said("山田太郎", "ja"), False),
        (Said("17", "fr"), Said("高松宣言", "ja"), False),
        (Said("last year", "en"), Said("2016", "fr"), False),
    ],
)
def test_what_contradicts(one: Said, other: Said, expected: bool) -> None:
    """Another value or name does; the same in other words, a less exact or another kind of one doesn't."""
    assert contradicts(one, other) is expected
    assert contradicts(other, one) is expected


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (("12 octobre 1973", "fr"), ("1973年10月12日", "ja"), True),
        (("Kumamoto", "fr"), ("熊本市", "ja"), True),
        (("Vitagora", "fr"), ("ヴィタゴラ", "ja"), True),
        (("Éclair", "fr"), ("eclair", "en"), True),
        (("12 octobre 1973", "fr"), ("1973年10月13日", "ja"), False),
        (("Kumamoto", "fr"), ("大阪市", "ja"), False),
        (("23 communes", "fr"), ("24 communes", "fr"), False),
        (("12 %", "fr"), ("12%", "en"), True),
        (("3 ans", "fr"), ("3年間", "ja"), True),
        (("300 euros", "fr"), ("300ユーロ", "ja"), True),
        (("1 843", "fr"), ("1,843", "en"), True),
        (("3 ans", "fr"), ("3 mois", "fr"), False),
        (("23 communes", "fr"), ("23 écoles", "fr"), False),
        (("Lyon 2", "fr"), ("Paris 2", "fr"), False),
    ],
)
def test_answers_are_compared_across_languages(
    one: tuple[str, str], other: tuple[str, str], same: bool
) -> None:
    """A date in another calendar's words, a number in another language's, or a name in another script."""
    assert same_answer(Said(*one), Said(*other)) is same
    assert same_answer(Said(*other), Said(*one)) is same


def test_an_article_and_its_translation_are_one_source() -> None:
    """Cited in the asker's language if that edition says it too; in the other if it doesn't."""
    french = evidence("a", "3 mai 1990", 0.9)
    english = evidence("a.en", "3 mai 1990", 0.8, language="en", edition="a")
    assert sources(composed(french, english)) == ["a"]
    assert sources(composed(french, english, language="en")) == ["a.en"]
    other = evidence("a.en", "4 mai 1990", 0.8, language="en", edition="a")
    assert sources(composed(french, other, points=[], language="en")) == ["a"]


@pytest.mark.parametrize("probability", [0.0, 0.49])
def test_nothing_convincing_is_no_answer(probability: float) -> None:
    """Related documents are then named, at most three, and none is a citation."""
    related = tuple(evidence(name, None, 0).document for name in "wxyz")
    answer = composed(evidence("a", "3 mai 1990", probability), related=related)
    assert (answer.status, sources(answer)) == ("not_in_documents", [])
    assert [document.source for document in answer.related] == ["w", "x", "y"]
    assert "la mairie" in answer.answer
    assert composed().status == "not_in_documents"


def test_what_may_help_tells_what_is_nearest() -> None:
    """Of a passage that isn't relevant enough to be shown as an answer, its document is named with it."""
    near, far = evidence("near", None, 0.3), evidence("far", None, 0).document
    answer = composed(points=[near], related=(near.document, far))
    assert (answer.status, answer.citations) == ("not_in_documents", [])
    assert [(one.source, one.excerpt) for one in answer.related] == [("near", near.quote), ("far", None)]


@pytest.mark.parametrize(
    ("answers", "shown"),
    [(0.45, True), (0.02, False), (None, True)],
    ids=["likely", "hardly", "not looked for"],
)
def test_passages_for_one_value_are_shown_by_what_answers(answers: float | None, shown: bool) -> None:
    """Where nothing answers, what only tells of the subject isn't passed off as an answer."""
    pieces = [] if answers is None else [evidence("a", None, answers)]
    answer = composed(*pieces, points=[evidence("b", None, 0.55)])
    assert (answer.status == "answered") == shown


@pytest.mark.parametrize(("relevance", "short_answer"), [(0.75, "3 mai 1990"), (0.55, None)])
def test_a_value_is_set_large_where_its_passage_tells_of_what_is_asked(
    relevance: float, short_answer: str | None
) -> None:
    """The day of a visit isn't that of a signature: else its sentence is shown."""
    piece = evidence("a", "3 mai 1990", 0.6)
    marked = replace(piece, highlight=(19, 24))
    answer = composed(marked, points=[replace(piece, short_answer=None, probability=relevance)])
    assert answer.short_answer == short_answer
    assert answer.citations[0].highlight == (marked.highlight if short_answer else None)
    assert answer.citations[0].quote == piece.quote


@pytest.mark.parametrize("language", ["fr", "ja", "en"])
def test_a_sentence_without_a_short_answer_is_a_passage(language: str) -> None:
    """Introduced in the asker's language and quoted in its own: nothing in it is set large."""
    answer = composed(evidence("a", None, 0.9), language=language)
    assert answer.answer == f"{phrases(language).introductions['passages']} [1]"
    assert (answer.kind, answer.short_answer) == ("passages", None)
    assert [(point.text, point.citations) for point in answer.points] == [("La fête aura lieu.", [1])]


KINDS_OF_REPLIES: dict[QuestionKind, Kind] = {
    "list": "list",
    "overview": "overview",
    "explanation": "explanation",
    "howto": "howto",
    "comparison": "comparison",
    "latest": "latest",
    "name": "passages",
    "multi": "passages",
}


@pytest.mark.parametrize(("kind", "reply"), KINDS_OF_REPLIES.items())
def test_what_no_single_value_answers_gets_points(kind: QuestionKind, reply: Kind) -> None:
    """However sure one value is: its sentence is the first point, and isn't said again in another."""
    sure = evidence("a", "3 mai 1990", 0.99)
    answer = composed(
        sure, kind=kind, points=[evidence("b", "4 mai 1989", 0.8), evidence("a", "3 mai 1990", 0.7)]
    )
    assert (answer.kind, answer.short_answer) == (reply, None)
    assert sorted(point.text for point in answer.points) == [
        "La fête a lieu le 3 mai 1990.",
        "La fête a lieu le 4 mai 1989.",
    ]
    assert sources(answer)[0] == "a"
    assert answer.answer == f"{phrases('fr').introductions[reply]} [1] [2]"


def test_a_translation_of_the_sure_sentence_is_not_shown_beside_it() -> None:
    """The asker's edition leads, and the other one's sentence is not repeated."""
    french = evidence("a", None, 0.9)
    english = evidence("a.en", None, 0.8, language="en", edition="a")
    answer = composed(
        french, english, kind="overview", points=[french, evidence("b", "4 mai 1990", 0.6)], language="en"
    )
    assert sources(answer) == ["a.en", "b"]


def test_near_passages_are_shown_where_nothing_is_sure() -> None:
    """Without a headline; and only if they are near enough."""
    answer = composed(evidence("a", "3 mai 1990", 0.3), points=[evidence("b", "4 mai 1990", 0.6)])
    assert (answer.status, answer.kind, answer.short_answer) == ("answered", "passages", None)
    assert sources(answer) == ["b"]
    unlike = composed(evidence("a", "3 mai 1990", 0.3), points=[evidence("b", "4 mai 1990", 0.4)])
    assert (unlike.status, unlike.points) == ("not_in_documents", [])


def test_what_documents_agree_on_comes_before_the_surest_of_them() -> None:
    """Two that say the same outweigh one that says otherwise; editions of one article are one voice."""

    def read(source: str, day: str, probability: float, **metadata: str) -> Evidence:
        return replace(evidence(source, day, probability, **metadata))

    alone, one, two = read("a", "3 mai 1990", 0.9), read("b", "4 mai 1990", 0.8), read("c", "4 mai 1990", 0.7)
    assert composed(alone, one, two).short_answer == "4 mai 1990"
    translated = read("c", "4 mai 1990", 0.7, edition="b")
    assert composed(alone, replace(one, rival=True), translated).short_answer == "3 mai 1990"


def test_a_name_is_written_in_the_readers_script() -> None:
    """One that can't be is no headline: its sentence is quoted."""

    def said(name: str, language: str, to: str) -> str | None:
        return composed(evidence("a", name, 0.9, language=language), language=to).short_answer

    assert said("カンヌ市", "ja", "fr") == "Cannes"
    assert said("霧沢市", "ja", "en") == "Kirisawa"
    assert said("Kirisawa", "fr", "ja") == "霧沢"
    assert said("Aline Morvan", "fr", "ja") == "Aline Morvan"
    assert said("山田太郎", "ja", "fr") is None
    answer = composed(evidence("a", "地域の活性化", 0.9, language="ja"))
    assert (answer.kind, answer.short_answer) == ("passages", None)
    assert answer.points[0].text == answer.citations[0].quote


@pytest.mark.parametrize(
    "span", ["Dijon, Tours et Nantes", "le 3 mai, après de longues années de préparation à deux"]
)
def test_what_is_no_single_value_is_no_headline(span: str) -> None:
    """Several things, or a whole statement."""
    answer = composed(evidence("a", span, 0.95))
    assert (answer.kind, answer.short_answer) == ("passages", None)


def test_a_bare_figure_is_set_large_only_where_one_is_asked_for() -> None:
    """The number of a letter is no telephone number."""
    read = evidence("a", "106", 0.95)
    assert composed(read, asked="Quel est le numéro de téléphone ?").short_answer is None
    assert composed(read, asked="Combien de lettres ?").short_answer == "106"


@pytest.mark.parametrize(
    ("language", "meant"), [("fr", "octobre 2021"), ("ja", "2021年10月"), ("en", "October 2021")]
)
def test_last_year_is_read_by_the_articles_date(small_bot: Partnerbot, language: str, meant: str) -> None:
    """In the asker's language, whatever the article's."""
    found = small_bot.investigate(
        "Quand la première course des deux rivières a-t-elle eu lieu ?", language=language
    )
    *_, answer = small_bot.conclude(found)
    assert isinstance(answer, Answer)
    assert answer.citations[0].source == MARATHON
    assert len(answer.warnings) == 1
    assert meant in answer.warnings[0]
    assert written_date("2022-03-15", language) in answer.warnings[0]


def test_a_relative_date_of_an_undated_article_is_told() -> None:
    """The visitor learns that the year is not known."""
    answer = composed(evidence("a", "mois de mai de l'année dernière", 0.9))
    assert answer.warnings == [phrases("fr").relative_date_undated]


# ---- Phrases -----------------------------------------------------------------------------------

LANGUAGES = sorted(
    file.name.removesuffix(".json")
    for file in resources.files("partnerbot.answering").joinpath("phrases").iterdir()
    if file.name.endswith(".json")
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_phrases_are_complete_and_in_their_language(language: str) -> None:
    """Each is filled in with what its place gives, nothing is empty, and none is left in English."""
    texts = phrases(language)
    given = {
        "says_otherwise": {"answer": "A"},
        "says_newer": {"answer": "A", "date": "D", "first": "F"},
        "says_older": {"answer": "A", "date": "D", "first": "F"},
        "quoted_instead": {},
        "cut_short": {},
        "relative_date": {"date": "D"},
        "relative_date_means": {"said": "S", "meaning": "M", "date": "D"},
        "relative_date_undated": {},
        "results_for": {"words": "W"},
        "not_in_documents": {},
        "not_mentioned": {"names": "N"},
        "may_help": {},
        "not_sure": {},
        "ask_us": {"contact": "C"},
        "failed": {"contact": "C"},
    }
    of_staff = texts.partnerships_of_staff
    assert {*given, "introductions", "partnerships", "partnerships_of_staff"} == set(texts.model_dump())
    for name, values in given.items():
        filled = getattr(texts, name).format(**values)
        assert all(value in filled for value in values.values())
        if name not in ("results_for", "may_help", "ask_us"):  # too short alone
            assert detect_language(filled) == language
    nothing = texts.not_in_documents + texts.may_help + texts.ask_us.format(contact="C")
    assert detect_language(nothing) == language
    assert set(texts.introductions) == set(get_args(Kind)) - {"fact", "conversation", "curated"}
    assert "7" in texts.partnerships["many"].format(count=7)
    assert "S" in of_staff["source"].format(source="S")
    assert of_staff["more"].format(in_articles="A", count=7).startswith("A")
    of_rows = [" ".join(texts.values()) for texts in (texts.partnerships, of_staff)]
    for text in [*texts.introductions.values(), *of_rows]:
        assert detect_language(text) == language


def test_french_phrases_have_their_non_breaking_spaces() -> None:
    """No line breaks before « : » or inside guillemets."""
    texts = phrases("fr")
    said = texts.model_dump(exclude={"introductions", "partnerships", "partnerships_of_staff"})
    said |= texts.introductions | texts.partnerships | texts.partnerships_of_staff
    for name, text in said.items():
        assert not re.search(r" [:;?!»]|« ", text), name


def test_there_are_phrases_for_the_three_languages_and_a_fallback() -> None:
    """A language without a file is answered in English."""
    assert {"fr", "ja", "en"} <= set(LANGUAGES)
    assert phrases("sw") == phrases("en")
    assert phrases("../en") == phrases("en")


@pytest.mark.parametrize(
    ("iso", "language", "written"),
    [
        ("2024-07-01", "fr", "1er juillet 2024"),
        ("2024-07-01", "en", "1 July 2024"),
        ("2024-07-01", "ja", "2024年7月1日"),
        ("2024-07", "fr", "juillet 2024"),
        ("2024", "ja", "2024年"),
        ("2024-07-01", "nowhere", "1 July 2024"),
    ],
)
def test_dates_are_written_by_the_language(iso: str, language: str, written: str) -> None:
    """As precisely as they are known."""
    assert written_date(iso, language) == written


def test_languages_are_named_by_the_language() -> None:
    """An unknown one by its code."""
    assert [language_name("ja", "fr"), language_name("fr", "ja"), language_name("qq", "fr")] == [
        "japonais",
        "フランス語",
        "qq",
    ]


def test_the_json_form_is_the_contract(small_bot: Partnerbot) -> None:
    """Scripts rely on these names."""
    answer = json.loads(small_bot.ask(ANSWERED[0][0]).model_dump_json())
    assert set(answer) == {
        "question", "follows", "language", "status", "kind", "answer", "short_answer", "points", "citations",
        "related", "generator", "warnings", "full_list", "timings_ms", "act",
    }  # fmt: skip
    assert set(answer["citations"][0]) == {
        "number", "title", "url", "source", "page", "language", "published", "ocr", "quote", "start",
        "end", "highlight", "relevance", "translation",
    }  # fmt: skip
    assert understand(ANSWERED[0][0]).language == answer["language"]


def test_a_question_is_read_in_its_own_language_whatever_the_answer_is_to_be_in(
    small_bot: Partnerbot,
) -> None:
    """A French question answered in Japanese or English is still understood as French."""
    for language in ("ja", "en"):
        answer = small_bot.ask("Quand la charte d’amitié a-t-elle été signée ?", language=language)
        assert answer.status == "answered"
        assert answer.language == language
        assert answer.citations[0].source == CHARTER
        start, end = answer.citations[0].highlight or (0, 0)
        assert answer.citations[0].quote[start:end] == "12 avril 2009"


class _Unsure(Reader):
    """The reader that comes with partnerbot, but never sure of its span."""

    def __init__(self) -> None:
        self._reader = load_reader()

    def states(self, question: str, title: str, text: str) -> States:
        return self._reader.states(question, title, text)

    def answer(self, states: States) -> Reading:
        return replace(self._reader.answer(states), score=-1.0)

    def relevance(self, states: States) -> float:
        return self._reader.relevance(states)


def test_where_the_reader_is_not_sure_the_sentence_stands_alone(
    small_settings: Settings, model: EmbeddingModel, small_bot: Partnerbot
) -> None:
    """The quote may still be the best evidence there is; nothing in it is called the answer."""
    question = "Combien de lycéens japonais ont logé dans des familles ?"
    sure = small_bot.investigate(question).evidence[0]
    unsure = Partnerbot(small_settings, model, _Unsure()).investigate(question).evidence[0]
    assert sure.short_answer == "24"
    assert unsure.source == sure.source
    assert (unsure.short_answer, unsure.highlight) == (None, None)
