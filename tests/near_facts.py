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
    "certainty": [
        (
            "fr",
            "Le musée ouvrira une deuxième salle en 2031, si le conseil vote le budget.",
            [
                ("fr", "Le musée doit ouvrir une deuxième salle en 2031."),
                ("en", "The museum will open a second room in 2031."),
                ("en", "The museum is to open a second room in 2031."),
                ("en", "A second room of the museum opens in 2031."),
                ("ja", "美術館は2031年に二つ目の部屋を開く予定です。"),
                ("ja", "美術館は2031年に二つ目の部屋を開きます。"),
            ],
            [
                ("fr", "Le musée a ouvert une deuxième salle en 2031."),
                ("en", "The museum opened a second room in 2031."),
                ("ja", "美術館は2031年に二つ目の部屋を開きました。"),
            ],
        ),
        (
            "en",
            "The council decided to buy the old mill and proposed to demolish the barn.",
            [
                ("en", "The council has decided to buy the old mill."),
                ("fr", "Le conseil a décidé d'acheter le vieux moulin."),
                ("ja", "議会は古い水車小屋を購入することを決めた。"),
                ("fr", "Le conseil a proposé de démolir la grange."),
            ],
            [
                ("en", "The council bought the old mill."),
                ("fr", "Le conseil a acheté le vieux moulin."),
                ("ja", "議会は古い水車小屋を購入した。"),
                ("en", "The council demolished the barn."),
            ],
        ),
        (
            "ja",
            "市は来年、駅前に新しい図書館を建設する計画である。",
            [
                ("ja", "市は駅前に新しい図書館を建設する予定だ。"),
                ("en", "The city plans to build a new library in front of the station."),
                ("fr", "La ville prévoit de construire une nouvelle bibliothèque devant la gare."),
                ("fr", "La ville construira une nouvelle bibliothèque devant la gare."),
            ],
            [
                ("ja", "市は駅前に新しい図書館を建設した。"),
                ("en", "The city built a new library in front of the station."),
                ("fr", "La ville a construit une nouvelle bibliothèque devant la gare."),
            ],
        ),
        (
            "fr",
            "Les fouilles du port devraient reprendre en mai 2032.",
            [
                ("fr", "Les fouilles du port doivent reprendre en mai 2032."),
                ("en", "The excavation of the port is expected to resume in May 2032."),
                ("ja", "港の発掘は2032年5月に再開する予定です。"),
            ],
            [
                ("fr", "Les fouilles du port ont repris en mai 2032."),
                ("en", "The excavation of the port resumed in May 2032."),
            ],
        ),
        (
            "en",
            "The regatta was to be held in May, but was put off.",
            [
                ("en", "The regatta was put off."),
                ("fr", "La régate devait avoir lieu en mai, mais elle a été reportée."),
            ],
            [("en", "The regatta was held in May.")],
        ),
        (
            "en",
            "The monks may have hidden the bell in the well.",
            [
                ("en", "The bell may have been hidden in the well by the monks."),
                ("fr", "Les moines ont peut-être caché la cloche dans le puits."),
                ("ja", "修道士たちは鐘を井戸に隠したかもしれない。"),
            ],
            [
                ("en", "The monks hid the bell in the well."),
                ("ja", "修道士たちは鐘を井戸に隠した。"),
            ],
        ),
        (
            "fr",
            "Achetée en 1990, la maison Vial deviendra un centre d'art que le maire inaugurera au printemps.",
            [
                ("en", "The Vial house was bought in 1990."),
                ("fr", "La maison Vial a été achetée en 1990."),
                ("en", "The Vial house will become an art centre."),
                ("ja", "ヴィアルの家は1990年に購入された。"),
            ],
            [
                ("en", "The mayor inaugurated the art centre in spring."),
            ],
        ),
        (
            "ja",
            "市は橋の閉鎖を検討しており、工事は5月に始まる見込みだ。",
            [
                ("en", "The city is considering closing the bridge."),
                ("fr", "La ville envisage de fermer le pont."),
                ("fr", "Les travaux devraient commencer en mai."),
                ("en", "The works are expected to begin in May."),
            ],
            [
                ("en", "The city closed the bridge."),
                ("fr", "La ville a fermé le pont."),
                ("ja", "工事は5月に始まった。"),
                ("fr", "Les travaux ont commencé en mai."),
            ],
        ),
    ],
    "words that deny": [
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
            "La sortie en mer, facultative, n'a pas été annulée, et le préfet était présent.",
            [
                ("fr", "La sortie en mer a été maintenue."),
                ("en", "The boat trip was optional."),
                ("en", "The prefect attended."),
            ],
            [
                ("fr", "La sortie en mer a été annulée."),
                ("en", "The boat trip was compulsory."),
                ("fr", "Le préfet était absent."),
            ],
        ),
    ],
    "what is denied": [
        (
            "fr",
            "Les vélos sont admis dans le jardin, pas dans le cloître.",
            [
                ("fr", "Les vélos sont admis dans le jardin."),
                ("fr", "Les vélos sont admis dans le jardin, pas dans le cloître."),
                ("fr", "Les vélos ne sont pas admis dans le cloître."),
                ("en", "Bicycles are allowed in the garden, not in the cloister."),
                ("en", "Bicycles are allowed in the garden but not in the cloister."),
                ("fr", "Les vélos sont interdits dans le cloître."),
            ],
            [
                ("fr", "Les vélos sont admis dans le cloître, pas dans le jardin."),
                ("fr", "Les vélos sont admis dans le cloître."),
                ("en", "Bicycles are allowed in the cloister but not in the garden."),
            ],
        ),
        (
            "en",
            "The bridge was opened not by the minister but by a fisherman.",
            [
                ("en", "A fisherman, not the minister, opened the bridge."),
                ("en", "The bridge was opened by a fisherman."),
                ("fr", "Le pont a été inauguré par un pêcheur et non par le ministre."),
                ("ja", "橋は大臣ではなく漁師が開通させた。"),
            ],
            [
                ("en", "The bridge was opened not by a fisherman but by the minister."),
                ("en", "The bridge was opened by the minister."),
                ("fr", "Le pont a été inauguré par le ministre et non par un pêcheur."),
                ("ja", "橋は漁師ではなく大臣が開通させた。"),
            ],
        ),
        (
            "ja",
            "祭りは神社ではなく公園で開かれた。",
            [
                ("ja", "祭りは公園で開かれた。"),
                ("en", "The festival was held in the park, not at the shrine."),
                ("fr", "La fête a eu lieu dans le parc et non au sanctuaire."),
            ],
            [
                ("ja", "祭りは公園ではなく神社で開かれた。"),
                ("ja", "祭りは神社で開かれた。"),
                ("en", "The festival was held at the shrine, not in the park."),
            ],
        ),
        (
            "fr",
            "La commune a racheté le lavoir et non le four, au lieu de louer une grange.",
            [
                ("fr", "La commune a racheté le lavoir."),
                ("en", "The municipality bought the wash-house, not the oven."),
            ],
            [
                ("fr", "La commune a racheté le four."),
                ("en", "The municipality bought the oven."),
                ("fr", "La commune a loué une grange."),
            ],
        ),
    ],
    "who does it, in Japanese": [
        (
            "fr",
            "Les pompiers de Morioka ont visité Grenoble.",
            [
                ("ja", "盛岡の消防士がグルノーブルを訪れました。"),
                ("ja", "グルノーブルを盛岡の消防士が訪問した。"),
                ("ja", "グルノーブルは盛岡の消防士を迎えた。"),
            ],
            [
                ("ja", "グルノーブルの消防士が盛岡を訪れました。"),
                ("ja", "盛岡をグルノーブルの消防士が訪れました。"),
            ],
        ),
        (
            "en",
            "The mayor of Grenoble gave a drum to the mayor of Morioka.",
            [
                ("ja", "グルノーブル市長は盛岡市長に太鼓を贈りました。"),
                ("ja", "盛岡市長にグルノーブル市長が太鼓を贈った。"),
                ("ja", "盛岡市長はグルノーブル市長から太鼓を受け取りました。"),
            ],
            [
                ("ja", "盛岡市長はグルノーブル市長に太鼓を贈りました。"),
                ("ja", "グルノーブル市長に盛岡市長が太鼓を贈った。"),
            ],
        ),
        (
            "ja",
            "ナントの職人が金沢に船の模型を贈った。",
            [
                ("fr", "Un artisan de Nantes a offert une maquette de bateau à Kanazawa."),
                ("en", "A craftsman from Nantes gave Kanazawa a model ship."),
                ("en", "Kanazawa received a model ship from a craftsman of Nantes."),
                ("ja", "金沢にナントの職人が船の模型を贈った。"),
            ],
            [
                ("fr", "Un artisan de Kanazawa a offert une maquette de bateau à Nantes."),
                ("en", "A craftsman of Kanazawa gave a model ship to Nantes."),
                ("ja", "金沢の職人がナントに船の模型を贈った。"),
            ],
        ),
        (
            "ja",
            "金沢市の合唱団はナントの音楽院を訪れ、演奏した。",
            [
                ("fr", "La chorale de Kanazawa a visité le conservatoire de Nantes."),
                ("en", "Kanazawa's choir visited the conservatory of Nantes."),
            ],
            [
                ("fr", "La chorale de Nantes a visité le conservatoire de Kanazawa."),
                ("en", "Nantes's choir visited the conservatory of Kanazawa."),
            ],
        ),
        (
            "fr",
            "Nantes et Kanazawa ont signé l'accord, et Grenoble est jumelée avec Morioka.",
            [
                ("ja", "金沢とナントは協定に署名した。"),
                ("ja", "盛岡はグルノーブルと姉妹都市である。"),
            ],
            [],
        ),
    ],
    "whose verb it is": [
        (
            "fr",
            "Grenoble a signé la pétition, contrairement à Annecy.",
            [
                ("fr", "Grenoble a signé la pétition."),
                ("en", "Grenoble signed the petition."),
                ("ja", "グルノーブルは請願書に署名した。"),
                ("fr", "Annecy n'a pas signé la pétition."),
            ],
            [
                ("fr", "Annecy a signé la pétition."),
                ("en", "Annecy signed the petition."),
                ("ja", "アヌシーは請願書に署名した。"),
            ],
        ),
        (
            "fr",
            "Grenoble a signé la pétition, tout comme Annecy.",
            [
                ("fr", "Annecy a signé la pétition."),
                ("en", "Annecy signed the petition."),
                ("en", "Grenoble signed the petition."),
            ],
            [],
        ),
        (
            "en",
            "Unlike Annecy, Grenoble publishes its accounts.",
            [
                ("en", "Grenoble publishes its accounts."),
                ("fr", "Grenoble publie ses comptes."),
                ("ja", "グルノーブルは会計を公表している。"),
            ],
            [
                ("en", "Annecy publishes its accounts."),
                ("fr", "Annecy publie ses comptes."),
            ],
        ),
        (
            "ja",
            "アヌシーと違い、グルノーブルは図書館を閉鎖した。",
            [
                ("ja", "グルノーブルは図書館を閉鎖した。"),
                ("fr", "Grenoble a fermé la bibliothèque."),
                ("en", "Grenoble closed the library."),
            ],
            [
                ("ja", "アヌシーは図書館を閉鎖した。"),
                ("fr", "Annecy a fermé la bibliothèque."),
                ("en", "Annecy closed the library."),
            ],
        ),
        (
            "en",
            "Grenoble appointed Paul Martin director, and Annecy welcomed a choir from Morioka.",
            [
                ("en", "Paul Martin is the director."),
                ("fr", "Annecy a accueilli une chorale."),
            ],
            [],
        ),
        (
            "fr",
            "La brasserie de Grenoble, où travaillait Paul Martin, a racheté le moulin avec Rose Dubois.",
            [
                ("en", "The brewery in Grenoble bought the mill."),
                ("fr", "La brasserie de Grenoble a racheté le moulin."),
            ],
            [],
        ),
        (
            "en",
            "Grenoble, which Annecy had asked for help, repaired the organ.",
            [
                ("en", "Grenoble repaired the organ."),
                ("fr", "Grenoble a réparé l'orgue."),
            ],
            [
                ("en", "Annecy repaired the organ."),
                ("fr", "Annecy a réparé l'orgue."),
            ],
        ),
    ],
    "what is counted": [
        (
            "fr",
            "Dix-huit bénévoles ont repeint les bancs du parc.",
            [
                ("fr", "Les bancs du parc ont été repeints par dix-huit bénévoles."),
                ("en", "Eighteen volunteers repainted the benches of the park."),
                ("ja", "18人のボランティアが公園のベンチを塗り直した。"),
                ("ja", "ボランティア18人が公園のベンチを塗り直した。"),
            ],
            [
                ("fr", "Les bénévoles ont repeint dix-huit bancs du parc."),
                ("en", "The volunteers repainted eighteen benches of the park."),
            ],
        ),
        (
            "en",
            "Nine of the forty boats were damaged by the storm.",
            [
                ("en", "The storm damaged nine boats."),
                ("en", "Of forty boats, nine were damaged."),
                ("fr", "Neuf des quarante bateaux ont été endommagés."),
                ("ja", "40隻のうち9隻が嵐で損傷した。"),
                ("en", "There were forty boats."),
            ],
            [
                ("en", "Forty boats were damaged by the storm."),
                ("fr", "Quarante bateaux ont été endommagés par la tempête."),
                ("ja", "40隻の船が嵐で損傷した。"),
            ],
        ),
        (
            "en",
            "Admission costs 9 euros, or 4 euros for students.",
            [
                ("en", "Students pay 4 euros."),
                ("fr", "L'entrée coûte 9 euros."),
                ("fr", "Les étudiants paient 4 euros."),
                ("ja", "入場料は9ユーロで、学生は4ユーロです。"),
            ],
            [
                ("en", "Students pay 9 euros."),
                ("fr", "Les étudiants paient 9 euros."),
                ("ja", "学生は9ユーロです。"),
            ],
        ),
        (
            "en",
            "The hall received 700 visitors in spring, and 900 in autumn.",
            [
                ("en", "The hall received 700 visitors in spring."),
                ("fr", "La salle a accueilli 700 visiteurs au printemps."),
            ],
            [],
        ),
    ],
    "sides of a verb": [
        (
            "en",
            "The school lent the museum three looms.",
            [
                ("en", "The school lent three looms to the museum."),
                ("en", "The museum borrowed three looms from the school."),
                ("fr", "L'école a prêté trois métiers à tisser au musée."),
                ("en", "Three looms were lent to the museum by the school."),
            ],
            [
                ("en", "The museum lent the school three looms."),
                ("fr", "Le musée a prêté trois métiers à tisser à l'école."),
            ],
        ),
        (
            "fr",
            "La nouvelle halle a coûté deux fois plus que l'ancienne.",
            [
                ("en", "The new hall cost twice as much as the old one."),
                ("fr", "L'ancienne halle a coûté deux fois moins que la nouvelle."),
                ("fr", "La nouvelle halle a coûté plus que l'ancienne."),
            ],
            [
                ("fr", "L'ancienne halle a coûté deux fois plus que la nouvelle."),
                ("en", "The old hall cost twice as much as the new one."),
            ],
        ),
        (
            "en",
            "The river is longer than the canal, and the owner sued the tenant.",
            [
                ("en", "The canal is shorter than the river."),
                ("fr", "La rivière est plus longue que le canal."),
                ("ja", "川は運河より長い。"),
                ("fr", "Le propriétaire a poursuivi le locataire en justice."),
            ],
            [
                ("en", "The canal is longer than the river."),
                ("fr", "Le canal est plus long que la rivière."),
                ("en", "The tenant sued the owner."),
            ],
        ),
    ],
}
