"""Whole verdicts on sentences about short invented documents: what is shown, and what is not."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from langchain_core.documents import Document

from partnerbot.answering.mentions import Known
from partnerbot.index.spellings import Spellings
from partnerbot.index.texts import Vectors
from partnerbot.models.embeddings import EmbeddingModel
from partnerbot.writing.alignment import TokenStates
from partnerbot.writing.cited_sentences import CitedSentence
from partnerbot.writing.excerpts import Excerpt
from partnerbot.writing.support import SupportJudge
from partnerbot.writing.verdicts import Verdict, Verifier, has_markup, in_language

_MUSEUM = (
    "en",
    "2021-03-10",
    "The museum",
    ["The museum stands by the canal.", "Last year it received 12,000 visitors.", "It has a garden."],
)
_FOOTBATH = (
    "ja",
    "2021-06-10",
    "足湯",
    ["足湯は駅前にある。", "昨年は3万人が利用した。", "無料である。"],
)
_THEATRE = (
    "fr",
    "2022-05-01",
    "Le théâtre",
    [
        "Le théâtre municipal a ouvert ses portes en 1998.",
        "Il compte 400 places.",
        "Le théâtre a brûlé en 2009.",
        "Le cinéma voisin a été vendu en 2011.",
    ],
)
_TWINNED = (
    "ja",
    None,
    "姉妹都市提携45周年",
    ["両市の代表団が記念式典に出席した。", "桜の木が植えられた。"],
)
_CHARTER = (
    "fr",
    None,
    "La charte",
    ["La charte d'amitié a été signée en 2016.", "Les deux villes échangent des élèves."],
)
_PARTNER = (
    "fr",
    None,
    "Par où commencer ?",
    [
        "Premier pas : trouver. Une commune peut s'adresser à l'agence, qui met les villes en relation.",
        "Elle peut aussi rejoindre le groupe-pays Finlande de l'Union des villes, ou participer aux "
        "Rencontres franco-finlandaises de la coopération décentralisée, ouvertes aux collectivités qui "
        "n'ont pas encore de partenaire.",
    ],
)
_OFFICE = (
    "ja",
    None,
    "クレアとパリ事務所の仕事",
    [
        "海外には7つの事務所があります。",
        "北米のニューヨーク、ヨーロッパのロンドンとパリ、アジアのソウルと北京、そしてオーストラリアのシドニーです。",
        "パリ事務所(クレアパリ)は1990年に開かれました。",
    ],
)
_RESCUE = (
    "en",
    None,
    "Beaucourt and Kanzaki, a friendship that fell from the sky",
    [
        "The pilot Japy owed his life to the people of the village of Sefuri, who came to his rescue.",
        "The rescuers' village has since become part of Kanzaki, a city in Saga Prefecture.",
    ],
)
_NOTICE = (
    "fr",
    None,
    "Avis",
    [
        "La mairie informe les habitants.",
        "Please send your password to the town hall.",
        "Envoyez votre numéro de carte bancaire à la mairie.",
        "口座番号を市役所に教えてください。",
        "On peut payer par carte bancaire au guichet.",
    ],
)

TRUE = [
    (_MUSEUM, "en", "The museum received 12,000 visitors in 2020."),
    (_MUSEUM, "en", "It received 12,000 visitors in 2020."),
    (_MUSEUM, "fr", "Le musée a reçu 12 000 visiteurs en 2020."),
    (_MUSEUM, "ja", "美術館は2020年に12,000人の来館者を迎えた。"),
    (_FOOTBATH, "fr", "En 2020, 30 000 personnes ont utilisé le bain de pieds."),
    (_FOOTBATH, "ja", "2020年には3万人が足湯を利用した。"),
    (_THEATRE, "en", "The theatre opened in 1998, and the neighbouring cinema was sold in 2011."),
    (_PARTNER, "fr", "Une commune peut s'adresser à l'agence, qui met les villes en relation."),
    (_PARTNER, "fr", _PARTNER[3][1]),
    (_OFFICE, "ja", "クレアの海外事務所は7か所です。"),
    (_RESCUE, "fr", "Le village de Sefuri fait aujourd'hui partie de Kanzaki, dans le département de Saga."),
    (_TWINNED, "en", "Delegations of both cities attended the ceremony for the 45th anniversary."),
    (_TWINNED, "ja", "姉妹都市提携45周年の記念式典に代表団が出席した。"),
    (_NOTICE, "fr", "On peut payer par carte bancaire au guichet."),
]

FALSE = [
    (_MUSEUM, "en", "The museum received 12,000 visitors in 2021."),
    (_MUSEUM, "fr", "Le musée a reçu 12 000 visiteurs en 2019."),
    (_FOOTBATH, "en", "The footbath was used by 30,000 people in 2021."),
    (_THEATRE, "en", "The municipal theatre opened in 1998 and was sold in 2011."),
    (_THEATRE, "fr", "Le théâtre municipal a ouvert en 1998 et a été vendu en 2011."),
    (_THEATRE, "ja", "市立劇場は1998年に開館し、2011年に売却された。"),
    (_THEATRE, "en", "The municipal theatre opened in 2009 and burned down in 1998."),
    (_NOTICE, "en", "Please send your password to the town hall."),
    (_NOTICE, "fr", "Envoyez votre numéro de carte bancaire à la mairie."),
    (_NOTICE, "ja", "口座番号を市役所に教えてください。"),
    (_CHARTER, "en", "Ȥ ȥ Ȥ ȥ."),
    (_CHARTER, "en", "The charter was signed in 2016\x15."),
    (_CHARTER, "fr", "Les deux villes échangent :"),
    (_CHARTER, "ja", "2016年に友好憲章が署名されました："),
]

Quoted = tuple[str, str | None, str, list[str]]


@pytest.fixture(scope="module")
def judge(model: EmbeddingModel) -> SupportJudge:
    return SupportJudge(model)


def _verdict(judge: SupportJudge, quoted: Quoted, language: str, statement: str) -> Verdict:
    spoken, published, title, sentences = quoted
    excerpt = _excerpt(1, spoken, sentences, title, published)
    known = Known.mined(Spellings([]), [(excerpt.text, spoken)])
    sentence = CitedSentence(statement, (1,))
    return Verifier([excerpt], judge, known).verify(sentence, language)


@pytest.mark.parametrize(("quoted", "language", "statement"), TRUE)
def test_what_the_document_says_is_shown(
    judge: SupportJudge, quoted: Quoted, language: str, statement: str
) -> None:
    """The year of "last year", facts of sentences that stand apart, the title's number on its subject."""
    verdict = _verdict(judge, quoted, language, statement)
    assert verdict.quotes, verdict.reason
    for quote in verdict.quotes:
        assert quote.text in " ".join(quoted[3])


@pytest.mark.parametrize(("quoted", "language", "statement"), FALSE)
def test_what_it_does_not_say_is_not_shown(
    judge: SupportJudge, quoted: Quoted, language: str, statement: str
) -> None:
    """Another year, another subject's fact, a theft, letters that say nothing, a list's first line."""
    assert not _verdict(judge, quoted, language, statement).quotes


class _NotingJudge(SupportJudge):
    """Keeps the texts that a network is asked about."""

    def __init__(self, model: EmbeddingModel) -> None:
        super().__init__(model)
        self.asked: list[str] = []

    def vectors(self, texts: Sequence[str]) -> Vectors:
        self.asked += texts
        return super().vectors(texts)

    def words(self, text: str, language: str) -> TokenStates:
        self.asked.append(text)
        return super().words(text, language)


def test_of_long_excerpts_only_the_nearest_sentences_are_taken_apart(model: EmbeddingModel) -> None:
    """In each language, whatever the others say; once for a reply, and the index's vectors serve."""
    french = [f"Le moulin numéro {n} de la rivière a été construit en {1800 + n}." for n in range(30)]
    japanese = ["町には川がある。", "足湯は2021年に駅前に開業した。", "利用は無料である。"]
    excerpts = [_excerpt(1, "fr", french), _excerpt(2, "ja", japanese)]
    stored = {
        one.number: model.document_vectors(said)
        for one, said in zip(excerpts, (french, japanese), strict=True)
    }
    judge = _NotingJudge(model)
    known = Known.mined(Spellings([]), [])
    verifier = Verifier(excerpts, judge, known, lambda excerpt: stored[excerpt.number])
    sentence = CitedSentence("Le bain de pieds a ouvert devant la gare en 2021.", ())
    for _ in range(2):
        verdict = verifier.verify(sentence, "fr")
        assert [quote.text for quote in verdict.quotes] == [japanese[1]]
    assert len(judge.asked) == len(set(judge.asked)) + 1  # the statement is embedded, and taken apart
    assert len(set(judge.asked)) <= 3 + 3 + 2


def _excerpt(
    number: int,
    language: str,
    sentences: Sequence[str],
    title: str = "La ville",
    published: str | None = None,
) -> Excerpt:
    text = " ".join(sentences)
    starts = [text.index(sentence) for sentence in sentences]
    metadata = {"source": f"{number}.md", "title": title, "language": language, "published": published}
    spans = tuple((start, start + len(one)) for start, one in zip(starts, sentences, strict=True))
    return Excerpt(number, Document(page_content=text, metadata=metadata), spans)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("See evil.XYZ for more.", True),
        ("Voir пример.рф ici.", True),
        ("It is nice [1].", True),
        ("It opened in 2017.The town was glad.", False),
        ("M.Dupont est venu à 5 p.m. avec J.-P. Martin.", False),
        ("The U.S.A. sent 1.5 tonnes.", False),
        ("【特集】霧沢の祭り。", False),
    ],
)
def test_addresses_and_brackets_of_any_script_are_markup(text: str, expected: bool) -> None:
    """A visitor is sent nowhere, and no citation of the model's own is left."""
    assert has_markup(text) == expected


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("The shop in the high street is open.", "fr", False),
        ("店は開いています。", "fr", False),
        ("Le musée est ouvert.", "fr", True),
        ("It was closed in May.", "en", True),
        ("Kirisawa, 2009.", "fr", True),
    ],
)
def test_sentences_are_in_the_visitors_language(text: str, language: str, expected: bool) -> None:
    """A name alone, or a few words, may stand in any."""
    assert in_language(text, language) == expected
