"""A statement denies what the quote denies, and nothing else."""

from __future__ import annotations

import pytest
from langchain_core.documents import Document

from partnerbot.answering.mentions import Known
from partnerbot.index.spellings import Spellings
from partnerbot.models.embeddings import EmbeddingModel
from partnerbot.writing.excerpts import Excerpt
from partnerbot.writing.support import SupportJudge
from partnerbot.writing.verdicts import Verifier

Statement = tuple[str, str]
Case = tuple[str, str, list[Statement], list[Statement]]

CASES: list[Case] = [
    (
        "fr",
        "L'entrée est gratuite pour les enfants de moins de douze ans.",
        [
            ("en", "Admission is free for children under twelve years."),
            ("ja", "12歳未満の子どもは入場無料である。"),
        ],
        [
            ("fr", "L'entrée est gratuite pour les plus de douze ans."),
            ("en", "Admission is free for those over twelve."),
            ("ja", "12歳以上は入場無料である。"),
        ],
    ),
    (
        "ja",
        "祭りには300人以上が参加した。",
        [
            ("fr", "Plus de 300 personnes ont participé à la fête."),
            ("en", "At least 300 people took part in the festival."),
        ],
        [
            ("fr", "Moins de 300 personnes ont participé à la fête."),
            ("en", "Fewer than 300 people took part in the festival."),
        ],
    ),
    (
        "fr",
        "Le moulin a tourné jusqu'en 1999.",
        [
            ("en", "The mill worked until 1999."),
            ("ja", "水車は1999年まで動いていた。"),
        ],
        [
            ("en", "The mill has worked since 1999."),
            ("fr", "Le moulin tourne depuis 1999."),
            ("ja", "水車は1999年から動いている。"),
        ],
    ),
    (
        "fr",
        "Les cours de danse se terminent le 15 mai 2024.",
        [
            ("en", "The dance classes end on 15 May 2024."),
            ("ja", "ダンス教室は2024年5月15日に終わる。"),
        ],
        [
            ("en", "The dance classes begin on 15 May 2024."),
            ("ja", "ダンス教室は2024年5月15日に始まる。"),
        ],
    ),
    (
        "fr",
        "Le conseil a refusé l'offre de la brasserie.",
        [
            ("fr", "L'offre de la brasserie a été rejetée par le conseil."),
            ("en", "The council turned down the brewery's offer."),
            ("en", "The council did not accept the brewery's offer."),
            ("ja", "議会は醸造所の申し出を断った。"),
            ("ja", "議会は醸造所の申し出を受け入れなかった。"),
        ],
        [
            ("fr", "Le conseil a accepté l'offre de la brasserie."),
            ("en", "The council accepted the brewery's offer."),
            ("en", "The council approved the brewery's offer."),
            ("ja", "議会は醸造所の申し出を受け入れた。"),
        ],
    ),
    (
        "en",
        "The farmers opposed the canal, and the fishermen voted against it.",
        [
            ("en", "The farmers did not support the canal."),
            ("fr", "Les agriculteurs se sont opposés au canal."),
            ("ja", "農家は運河に反対した。"),
            ("en", "The fishermen voted against the canal."),
        ],
        [
            ("en", "The farmers supported the canal."),
            ("fr", "Les agriculteurs ont soutenu le canal."),
            ("ja", "農家は運河を支持した。"),
            ("en", "The fishermen voted for the canal."),
        ],
    ),
    (
        "ja",
        "展覧会の入場は無料で、撮影は禁止されている。",
        [
            ("ja", "展覧会は無料で見られる。"),
            ("en", "Admission to the exhibition is free."),
            ("fr", "L'entrée de l'exposition est gratuite."),
            ("en", "Taking pictures is not allowed."),
            ("fr", "Il est interdit de prendre des photos."),
        ],
        [
            ("ja", "展覧会の入場は有料である。"),
            ("fr", "L'entrée de l'exposition est payante."),
            ("en", "Taking pictures is permitted."),
        ],
    ),
    (
        "fr",
        "La sortie en mer n'a pas été annulée, et le préfet était présent.",
        [
            ("fr", "La sortie en mer a été maintenue."),
        ],
        [
            ("fr", "La sortie en mer a été annulée."),
        ],
    ),
]
"""(language of the quote, quote, true statements, false ones), a statement being (language, text)."""


@pytest.fixture(scope="module")
def judge(model: EmbeddingModel) -> SupportJudge:
    return SupportJudge(model)


@pytest.mark.parametrize(("language", "sentence", "true", "false"), CASES)
def test_a_denial_is_told_from_its_contrary(
    judge: SupportJudge, language: str, sentence: str, true: list[Statement], false: list[Statement]
) -> None:
    """Refused is not accepted, in any of three languages; and what isn't accepted is refused."""
    metadata = {"source": "a.md", "title": "", "language": language, "published": None}
    excerpt = Excerpt(1, Document(page_content=sentence, metadata=metadata), ((0, len(sentence)),))
    verifier = Verifier([excerpt], judge, Known.mined(Spellings([]), [(sentence, language)]))

    def reason(statement: Statement) -> str | None:
        return verifier.examine(statement[1], statement[0], excerpt)[1]

    assert {text: found for _, text in true if (found := reason((_, text)))} == {}
    assert [text for _, text in false if not reason((_, text))] == []
