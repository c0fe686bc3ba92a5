"""Ten short documents about the invented partnership of Clairmoulin and Kirisawa, in three languages.

And a bot on a test's own documents.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from partnerbot.bot import Partnerbot
from partnerbot.index.build import build_index
from partnerbot.models.embeddings import EmbeddingModel
from partnerbot.models.reader import load_reader
from partnerbot.settings import Settings

CHARTER = "clairmoulin-kirisawa.txt"
PUPILS_FR = "fr/lyceens.md"
PUPILS_JA = "ja/koukousei.md"
FOOTBATH = "ja/ashiyu.md"
MARATHON = "fr/course.md"
GARDEN = "fr/jardin.html"
TEA = "en/tea.md"

DOCUMENTS = {
    # A web page copied with its menus and captions.
    CHARTER: """Sélectionnez votre langue

A+ A A-

Clairmoulin et Kirisawa, une amitié de papier et de brume

Par la mairie de Clairmoulin, service des relations internationales

La commune de Clairmoulin et la ville de Kirisawa ont signé leur charte d’amitié le 12 avril 2009. Les deux \
collectivités partagent une longue histoire de moulins à papier et de forêts humides.

Par la suite, en 2017, la fromagerie Bellerive a ouvert une boutique à Kirisawa. Elle y vend des tommes \
affinées avec du saké local.

Le maire de Kirisawa, M. Ozaki Haruto, s'est rendu à Clairmoulin avec une délégation de 18 personnes.

https://youtu.be/a_bCdE-FgHi

\u00a0p2200318reduit \u00a0line 4482910023417
\u00a0Délégation de Kirisawa devant le moulin(©2018霧沢市)
\u00a0affiche finale \u00a01820033445566reduit
""",
    PUPILS_FR: """---
title: "Vingt-quatre lycéens chez l'habitant"
language: fr
published: 2023-11-20
---
L'échange scolaire entre le lycée des Trois-Ponts et le lycée de Kirisawa a repris à l'automne. 24 lycéens \
japonais ont logé dans des familles de Clairmoulin pendant dix jours.

Leur professeure, Mme Morin, prépare déjà le voyage de retour.
""",
    PUPILS_JA: """---
title: ホームステイをした高校生
language: ja
published: 2023-11-20
translation_of: fr/lyceens.md
---
トロワポン高校と霧沢高校の交換留学が、この秋に再開した。24人の日本の高校生が、10日間クレールムランの家庭に滞在した。

引率の教員は、次の訪問の準備を始めている。
""",
    FOOTBATH: """---
title: 霧沢駅前の足湯
language: ja
published: 2021-06-10
---
霧沢駅前の足湯「もやの湯」は、2021年6月5日に開業した。建設費は4200万円で、市と商工会が負担した。

足湯の屋根には、地元の杉が使われている。利用は無料で、毎日午前9時から開いている。
""",
    "fr/thermes.md": """---
title: Les thermes de Clairmoulin
language: fr
---
Les thermes de Clairmoulin accueillent les curistes depuis le dix-neuvième siècle. Le bassin extérieur est \
apprécié des promeneurs qui reviennent de la forêt.

La station emploie des kinésithérapeutes et propose des bains aux plantes.
""",
    MARATHON: """---
title: La course des deux rivières
language: fr
published: 2022-03-15
---
La première course des deux rivières a eu lieu en octobre de l'année dernière. Elle a réuni 640 coureurs \
venus des deux pays.

Le parcours longe la Lise avant de monter vers l'abbaye.
""",
    GARDEN: """<!doctype html><html lang="fr"><head><title>Un jardin sec à Clairmoulin</title></head><body>
<nav><a href="/">Accueil</a> <a href="/contact">Contact</a></nav>
<article><h1>Un jardin sec à Clairmoulin</h1>
<p>Le jardin sec du parc municipal a été dessiné par la paysagiste Sakamoto Yui. Il rassemble quinze pierres
apportées de la rivière de Kirisawa.</p>
<p>Les visiteurs y entrent gratuitement de mai à septembre, et des bénévoles ratissent le gravier chaque
matin avant l'ouverture.</p></article>
<footer>Mentions légales</footer></body></html>
""",
    TEA: """---
title: A tea ceremony by the mill
language: en
published: 2024-02-01
---
The tea master Aoki Rin held a ceremony for 75 guests in the old paper mill of Clairmoulin. The bowls were \
fired in a wood kiln in Kirisawa.

The mill will host a pottery workshop every spring.
""",
    "ja/washi.md": """---
title: 和紙の工房
language: ja
---
霧沢市の和紙工房では、職人の大野千鶴がクレールムランの紙すき職人を指導している。工房は1887年に創業した。

紙は楮から作られ、冬の冷たい水ですかれる。
""",
    "en/library.md": """---
title: Picture books cross the sea
language: en
---
The town library of Clairmoulin received 312 picture books from Kirisawa. Volunteers read them aloud on \
Wednesday afternoons.
""",
}


def article(title: str, text: str, language: str = "fr", **stated: str) -> str:
    """A Markdown file that states what is known of it."""
    known = {"title": title, "language": language, **stated}
    return "---\n" + "".join(f"{name}: {value}\n" for name, value in known.items()) + f"---\n\n{text}\n"


def bot_on(documents: Mapping[str, str], folder: Path, model: EmbeddingModel) -> Partnerbot:
    """A bot on documents by their names, and with no other names than they have."""
    settings = Settings(
        documents=write_corpus(folder / "documents", documents),
        index=folder / "index",
        glossary=folder / "none.yaml",
    )
    build_index(settings.documents, settings.index, model)
    return Partnerbot(settings, model, load_reader())


def write_corpus(folder: Path, documents: Mapping[str, str] = DOCUMENTS) -> Path:
    """Write the documents below the folder and return it."""
    for source, text in documents.items():
        path = folder / source
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return folder
