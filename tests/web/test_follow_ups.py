"""What a question takes over from the conversation before it, and what it leaves behind."""

from __future__ import annotations

import pytest

from partnerbot.answering.answer import Turn
from partnerbot.answering.following import asked_before, cited_last, favouring
from partnerbot.answering.kinds import KINDS, Intent
from partnerbot.bot import Partnerbot
from partnerbot.index.passages import Passage
from partnerbot.index.search import Candidate
from small_corpus import CHARTER, FOOTBATH, GARDEN, TEA


def after(*questions: str) -> list[Turn]:
    """The history of questions that were each answered somehow."""
    return [
        turn
        for question in questions
        for turn in (Turn(role="user", content=question), Turn(role="assistant", content="… [1]"))
    ]


FOLLOW_UPS = [
    # first question, what follows it, where it is answered, with what
    ("Qui est le maire de Kirisawa ?", "Combien de personnes y avait-il dans sa délégation ?", CHARTER, "18"),
    ("足湯はいつ開業しましたか？", "では、建設費は？", FOOTBATH, "4200万円"),
    ("Who drew the dry garden?", "And how many stones are there?", GARDEN, "quinze pierres"),
    ("Who held the tea ceremony?", "How many guests came?", TEA, "75 guests"),
    ("Quand la fromagerie Bellerive a-t-elle ouvert à Kirisawa ?", "Que vend-elle ?", CHARTER, "tommes"),
]


@pytest.mark.parametrize(("first", "second", "source", "said"), FOLLOW_UPS)
def test_a_follow_up_is_answered_about_what_was_asked_before(
    small_bot: Partnerbot, first: str, second: str, source: str, said: str
) -> None:
    """What was asked first is searched, but not read to the reader, which would answer that."""
    found = small_bot.investigate(second, after(first))
    assert found.question.search_text == f"{first} {second}"
    assert found.question.text == second
    assert first not in found.question.read_text
    assert found.question.read_text.endswith(second)
    answer = small_bot.ask(second, after(first))
    assert answer.question == second
    assert answer.follows == [first]
    assert any(one.source == source and said in one.quote for one in answer.citations)


NEW_TOPICS = [
    (
        "Qui est le maire de Kirisawa ?",
        "Combien de lycéens japonais ont logé dans des familles de Clairmoulin ?",
    ),
    ("Who held the tea ceremony?", "How many picture books did the town library receive?"),
    ("足湯はいつ開業しましたか？", "和紙工房は何年に創業しましたか？"),
    # what sounds like a follow-up, and names something
    ("Qui a dessiné le jardin sec du parc municipal ?", "Que vend Bellerive ?"),
    # what nothing tells of, whatever was asked before
    ("足湯はいつ開業しましたか？", "霧沢はどこと友好都市ですか"),
]


@pytest.mark.parametrize(("first", "second"), NEW_TOPICS)
def test_a_new_topic_leaves_the_conversation_behind(small_bot: Partnerbot, first: str, second: str) -> None:
    """It is answered as if nothing had been asked before."""
    assert small_bot.investigate(second, after(first)).question.search_text == second
    alone, then = small_bot.ask(second), small_bot.ask(second, after(first))
    assert alone.model_copy(update={"timings_ms": {}}) == then.model_copy(update={"timings_ms": {}})


OFF_TOPIC = [
    ("Who held the tea ceremony?", "Do I need to book?"),
    ("足湯はいつ開業しましたか？", "予約は必要ですか"),
]


@pytest.mark.parametrize(("first", "second"), OFF_TOPIC)
def test_what_was_asked_before_is_no_answer_to_what_nothing_tells_of(
    small_bot: Partnerbot, first: str, second: str
) -> None:
    """Near to both questions together are the passages that answer the first one."""
    assert small_bot.ask(second, after(first)).citations == []


def test_a_topic_is_returned_to(small_bot: Partnerbot) -> None:
    """A whole question on what was asked first is understood after another topic."""
    history = after("Who held the tea ceremony?", "Qui a dessiné le jardin sec du parc municipal ?")
    answer = small_bot.ask("How many guests attended the tea ceremony?", history)
    assert answer.short_answer == "75"


@pytest.mark.parametrize(
    ("first", "second", "whole"),
    [
        (
            "Qui est le maire de Clairmoulin ?",
            "Et de Kirisawa ?",
            "Qui est le maire de Kirisawa ?",
        ),
        ("Tell me about Clairmoulin.", "and Kirisawa?", "Tell me about Kirisawa."),
        ("ナンシーの高校生は何人でしたか？", "クレールムランは？", "クレールムランの高校生は何人でしたか？"),
    ],
)
def test_what_only_names_another_is_asked_of_that(
    small_bot: Partnerbot, first: str, second: str, whole: str
) -> None:
    """The question before, with the new name in place of the old one."""
    assert small_bot.investigate(second, after(first)).question.search_text == whole


def test_what_only_names_another_asks_the_last_question_of_that(small_bot: Partnerbot) -> None:
    """That of which it was asked before by a name alone counts; who named it first isn't asked again."""
    history = after("When was the tea ceremony in Clairmoulin?", "How many guests came?")
    investigated = small_bot.investigate("And in Kirisawa?", history)
    found = investigated.question
    assert investigated.follows == [turn.content for turn in history if turn.role == "user"]
    assert found.read_text == "Kirisawa: How many guests came?"
    then = [*history, *after("And in Kirisawa?")]
    asked = small_bot.investigate("And who was the host?", then).question.read_text
    assert asked == "Kirisawa: And who was the host?"


def test_whatever_is_told_of_another_is_shown_where_the_question_before_asks_it_in_vain(
    small_bot: Partnerbot,
) -> None:
    """That nobody tells how high he is leaves what the documents do say of him."""
    found = small_bot.investigate("And Sakamoto Yui?", after("How high is the tower of Kirisawa?"))
    assert found.question.read_text == "Sakamoto Yui"
    assert any("Sakamoto Yui" in point.quote for point in found.points)


def test_a_follow_up_is_about_the_last_question_that_stood_alone_though_it_named_nothing(
    small_bot: Partnerbot,
) -> None:
    """The one before that is left behind: its subject was another."""
    last = "How many picture books did the town library receive?"
    history = after("Quand la fromagerie Bellerive a-t-elle ouvert à Kirisawa ?", last)
    found = small_bot.investigate("And when was that?", history)
    assert found.question.search_text.startswith(last)
    assert found.follows == [last]


def test_what_a_letter_tells_itself_is_no_earlier_question(small_bot: Partnerbot) -> None:
    """Though it is looked for like one."""
    letter = "I visited Kirisawa last year and liked the dry garden. How many stones are there?"
    found = small_bot.investigate(letter, after("Who held the tea ceremony?"))
    assert found.question.told
    assert found.follows == []


@pytest.mark.parametrize(
    ("second", "read"),
    [
        ("Combien de villes y étaient ?", "2016: Combien de villes y étaient ?"),
        ("Et combien y étaient en 2018 ?", "Et combien y étaient en 2018 ?"),
    ],
)
def test_the_day_of_what_has_no_name_is_said_before_what_follows(
    small_bot: Partnerbot, second: str, read: str
) -> None:
    """As an edition is, unless the follow-up says another one."""
    found = small_bot.investigate(second, after("Parlez-moi des rencontres de 2016"))
    assert found.question.read_text == read


@pytest.mark.parametrize(
    ("first", "second", "read"),
    [
        ("霧沢市の人口は？", "面積は？", "霧沢市の ? 面積は？"),
        (
            "Who held the tea ceremony in Kirisawa?",
            "When?",
            "Kirisawa: held the tea ceremony in kirisawa? When?",
        ),
        (  # said alone, it is small talk
            "Who held the tea ceremony in Kirisawa?",
            "What day?",
            "Kirisawa: held the tea ceremony in kirisawa? What day?",
        ),
        ("Qui est le maire de Kirisawa ?", "Qui l'a remplacé ?", "Kirisawa: Qui l'a remplacé ?"),
        ("Qui est le maire de Kirisawa ?", "Pourquoi ?", "Qui est le maire de Kirisawa ? Pourquoi ?"),
    ],
)
def test_a_question_word_alone_is_read_after_what_the_question_before_says(
    small_bot: Partnerbot, first: str, second: str, read: str
) -> None:
    """But not after what that asks for: the reader would answer it once more."""
    assert small_bot.investigate(second, after(first)).question.read_text == read


def test_several_questions_of_a_message_are_asked_apart(small_bot: Partnerbot) -> None:
    """Where they find nothing together, each has its passages."""
    answer = small_bot.ask("How many picture books did the library get, and who designed the dry garden?")
    said = " ".join(citation.quote for citation in answer.citations)
    assert said.count("312 picture books") == 1
    assert "Sakamoto Yui" in said


@pytest.mark.parametrize(
    ("letter", "read", "said"),
    [
        (
            "My sister lives in Clairmoulin and went to a tea ceremony there. "
            "I would like to know how many guests came.",
            "Clairmoulin: I would like to know how many guests came.",
            "75 guests",
        ),
        (
            "Ma tante revient de Kirisawa. Je voudrais savoir qui en est le maire.",
            "Kirisawa: Je voudrais savoir qui en est le maire.",
            "maire",
        ),
    ],
)
def test_a_letters_question_is_about_what_the_letter_names(
    small_bot: Partnerbot, letter: str, read: str, said: str
) -> None:
    """The names stand before it, as after a question that it followed; the rest of the story isn't read."""
    assert small_bot.investigate(letter).question.read_text == read
    assert any(said in citation.quote for citation in small_bot.ask(letter).citations)


def test_where_a_writer_lives_decides_nothing(small_bot: Partnerbot) -> None:
    """A question that says itself what it is about isn't one of what no document has."""
    found = small_bot.investigate(
        "I am a teacher in Wolverhampton. I would like to know who designed the dry garden in Kirisawa."
    )
    assert not found.unheard_of
    nowhere = small_bot.investigate(
        "I am a teacher in Wolverhampton. I would like to know how many guests came."
    )
    assert nowhere.unheard_of  # it is about what the letter names, which no document has
    assert found.question.read_text == "I would like to know who designed the dry garden in Kirisawa."


def intent(points_back: float, *, talks: bool = False) -> Intent:
    return Intent(dict.fromkeys(KINDS, 1 / len(KINDS)), "thanks" if talks else None, False, points_back)


def told(text: str) -> Intent:
    """A stand-in for the classifier: what begins with "Et" follows something, "Merci" asks nothing."""
    return intent(0.95 if text.startswith("Et") else 0.05, talks=text.startswith("Merci"))


@pytest.mark.parametrize(
    ("history", "before"),
    [
        ([], []),
        (after("Qui est le maire de Kirisawa ?"), ["Qui est le maire de Kirisawa ?"]),
        (after("A ?", "Qui est le maire ?", "Et son nom ?"), ["Qui est le maire ?", "Et son nom ?"]),
        (after("Qui est le maire ?", "Merci !", "  ", "…"), ["Qui est le maire ?"]),
        (after("Merci !"), []),
        (
            after("Le maire ?", "Et a ?", "Et b ?", "Et c ?", "Et d ?"),
            ["Le maire ?", "Et c ?", "Et d ?"],
        ),
        ([Turn(role="assistant", content="Bonjour. Que cherchez-vous ?")], []),
    ],
)
def test_what_was_asked_before(history: list[Turn], before: list[str]) -> None:
    """The last question, with what it followed; never a reply, nor what only was said."""
    assert asked_before(history, told) == before


def test_a_long_conversation_costs_no_more_than_a_short_one() -> None:
    """Few questions are carried, and little of each."""
    history = after(*[f"Et {number} ? " + "a" * 900 for number in range(50)])
    assert len(" ".join(asked_before(history, told))) < 1000


def test_the_documents_last_cited_are_known_from_the_history() -> None:
    """Only those of the last reply, and nothing where a letter tells something after it."""
    history = [
        Turn(role="assistant", content="… [1]", sources=["old"]),
        Turn(role="user", content="?"),
        Turn(role="assistant", content="… [1]", sources=["new", "newer"]),
    ]
    assert list(cited_last(history)) == ["new", "newer"]
    assert list(cited_last([*history, Turn(role="user", content="?")])) == []
    assert list(cited_last([])) == []


def test_what_was_cited_last_is_looked_at_first_among_equals() -> None:
    """A document that is much more alike comes before it still."""

    def candidate(source: str, score: float) -> Candidate:
        passage = Passage(source, source, "fr", "x", 0, 1, "x", 0, 1, source)
        return Candidate(passage, score, 0.0, score)

    found = [candidate("best", 9.0), candidate("a", 4.0), candidate("cited", 3.9)]
    assert [one.passage.source for one in favouring(found, ["cited"])] == ["best", "cited", "a"]
    assert favouring(found, []) == found


def test_a_value_is_of_what_the_conversation_is_about(small_bot: Partnerbot) -> None:
    """Where a question names nothing, none is set large that is told of somebody else."""
    history = after("Who held the tea ceremony?")
    assert small_bot.ask("How many people were in his delegation?", history).short_answer is None
