"""Sentences, and what says the same of them or nearly the same: who, whether, how sure, how many of what.

By mechanism: (language of the sentence, sentence, true statements, false statements), a statement being
(language, text). The false ones have every word and figure of a true one.
"""

from __future__ import annotations

Statement = tuple[str, str]
Case = tuple[str, str, list[Statement], list[Statement]]

NEAR_FACTS: dict[str, list[Case]] = {
    "names that are words": [
        (
            "fr",
            "Le pont a été dessiné par M. Boucher et béni par Mme Rose Fontaine.",
            [
                ("fr", "M. Boucher a dessiné le pont."),
                ("en", "The bridge was designed by Mr Boucher."),
                ("en", "Ms Rose Fontaine blessed the bridge."),
                ("fr", "Le pont a été béni par Mme Fontaine."),
            ],
            [
                ("fr", "Le pont a été dessiné par M. Berger."),
                ("en", "The bridge was designed by Mr Baker."),
                ("en", "The bridge was blessed by Mrs Rose Rivière."),
            ],
        ),
        (
            "en",
            "The keys were handed by Mr Young to Mr Carpenter at the Town Hall.",
            [
                ("en", "Mr Young handed the keys to Mr Carpenter."),
                ("fr", "M. Young a remis les clés à M. Carpenter à la mairie."),
                ("en", "The keys were handed over in the town hall."),
            ],
            [
                ("en", "The keys were handed by Mr Carpenter to Mr Young."),
                ("en", "Mr Hall handed the keys to Mr Carpenter."),
                ("fr", "M. Young a remis les clés à M. Miller."),
            ],
        ),
        (
            "fr",
            "Pierre a peint la fresque de l'école, et le vitrail est de Paul.",
            [
                ("fr", "La fresque de l'école a été peinte par Pierre."),
                ("en", "Pierre painted the mural of the school."),
                ("fr", "Le vitrail est de Paul."),
            ],
            [
                ("fr", "La fresque de l'école a été peinte par Olive."),
                ("fr", "Rose a peint la fresque de l'école."),
                ("en", "Will painted the mural of the school."),
            ],
        ),
        (
            "fr",
            "La fresque a été peinte par Paul Marchand.",
            [
                ("fr", "Paul Marchand a peint la fresque."),
                ("en", "The mural was painted by Paul Marchand."),
                ("ja", "壁画はポール・マルシャンが描いた。"),
            ],
            [
                ("fr", "La fresque a été peinte par Paul Boulanger."),
                ("fr", "Pierre a peint la fresque."),
            ],
        ),
        (
            "en",
            "The Summer Festival of Fields and Rivers is organised by the Mayor and the Tourist Office.",
            [
                ("en", "The summer festival is organised by the mayor and the tourist office."),
                ("fr", "La Fête d'été est organisée par le maire et l'office de tourisme."),
                ("en", "The Mayor organises the Festival with the Tourist Office."),
            ],
            [],
        ),
    ],
}
