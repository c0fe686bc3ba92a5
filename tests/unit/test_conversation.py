"""Replies to what isn't a question on the documents, and what an owner may change in them."""

import re
import tomllib
from pathlib import Path
from typing import get_args

import pytest

from partnerbot.answering.conversation import OFFERED, About, Act, reply
from partnerbot.appearance import Appearance, Contact, read_appearance
from partnerbot.bot import Partnerbot
from partnerbot.errors import ConfigurationError
from partnerbot.index.search import Index
from partnerbot.models.embeddings import EmbeddingModel
from partnerbot.models.reader import load_reader
from partnerbot.settings import Settings, load_settings
from partnerbot.web.page_texts import languages
from small_corpus import article, bot_on

LANGUAGES = ["fr", "ja", "en", "ko", "de", "es", "it", "pt", "zh"]
ACTS: tuple[Act, ...] = get_args(Act)
ROOT = Path(__file__).parents[2]

TOWN_HALL = Contact(
    main="https://clairmoulin.example/",
    address={"fr": "1 place de la Mairie\n21000 Clairmoulin", "en": "1 place de la Mairie, Clairmoulin"},
    telephone="+33 3 80 00 00 00",
    email="mairie@clairmoulin.example",
    form="https://clairmoulin.example/contact",
    hours={"fr": "du lundi au vendredi, de 9 h à 17 h", "ja": "月曜日から金曜日、9時から17時"},
)
FULL = About(
    name="Clairmoulin",
    contact=TOWN_HALL.line,
    details=TOWN_HALL,
    spoken=("fr", "ja", "en"),
    languages=("fr", "ja"),
    documents=1240,
    newest="2024-07-01",
)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("about", [FULL, About()], ids=["all known", "nothing known"])
def test_every_act_has_a_whole_text(language: str, about: About) -> None:
    """In every language that answers are framed in, whatever is known: nothing is left to fill in."""
    for act in ACTS:
        text = reply(act, language, about, {})
        lines = text.split("\n")
        assert text, act
        assert not re.search(r"[{}]|  |None", text), text
        assert all(line == line.strip() and line for line in lines), text
        # A list of numbers or ways to reach somebody may follow a colon; an empty place may not.
        assert not lines[-1].rstrip().endswith((":", "：")), text


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_another_languages(language: str) -> None:
    """No language falls back to the texts of another."""
    for act in ACTS:
        others = [reply(act, other, About(), {}) for other in LANGUAGES if other != language]
        assert reply(act, language, About(), {}) not in others, act


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_known_is_told(language: str) -> None:
    """The chat's name, the documents, how recent they are, whom to ask."""
    assert "Clairmoulin" in reply("who_are_you", language, FULL, {})
    assert re.search(r"1\D?240", reply("documents", language, FULL, {}))
    assert "2024" in reply("recency", language, FULL, {})
    assert "2024" not in reply("recency", language, About(), {})
    for act in ("help", "complaint", "trust", "personal_data", "are_you_human"):
        assert TOWN_HALL.line in reply(act, language, FULL, {}), act


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_emergency_gets_the_numbers_to_call(language: str) -> None:
    """Those of France and of Japan."""
    numbers = re.findall(r"\d+", reply("emergency", language, About(), {}))
    assert {"112", "15", "17", "18", "3114", "119", "110"} <= set(numbers)


def test_values_are_written_as_the_reader_does() -> None:
    """Dates, numbers and names of languages."""
    assert "1er juillet 2024" in reply("recency", "fr", FULL, {})
    assert "français et japonais" in reply("documents", "fr", FULL, {})
    assert "2024年7月1日" in reply("recency", "ja", FULL, {})
    assert "フランス語、日本語" in reply("documents", "ja", FULL, {})
    assert "1,240 documents" in reply("documents", "en", FULL, {})


def test_one_document_is_not_counted() -> None:
    """ "1 documents" is never said."""
    assert "1" not in reply("documents", "en", About(documents=1), {})


def test_every_way_to_reach_the_institution_has_a_line() -> None:
    """In the reader's language, or English, or the one there is; what isn't given isn't mentioned."""
    lines = reply("contact", "fr", FULL, {}).split("\n")
    assert lines[1:-1] == [
        "https://clairmoulin.example/",
        "Adresse\u00a0: 1 place de la Mairie 21000 Clairmoulin",
        "Téléphone\u00a0: +33 3 80 00 00 00",
        "E-mail\u00a0: mairie@clairmoulin.example",
        "Formulaire\u00a0: https://clairmoulin.example/contact",
        "Horaires\u00a0: du lundi au vendredi, de 9 h à 17 h",
    ]
    japanese = reply("contact", "ja", FULL, {})
    assert "住所：1 place de la Mairie, Clairmoulin" in japanese
    assert "受付時間：月曜日から金曜日、9時から17時" in japanese
    # Hours in a language that a reader may not know are better than none, and said to be.
    assert "Opening hours: du lundi au vendredi, de 9 h à 17 h (French)" in reply("contact", "en", FULL, {})
    only = About(contact="mairie@clairmoulin.example", details=Contact(email="mairie@clairmoulin.example"))
    assert reply("contact", "en", only, {}).split("\n")[1:-1] == ["E-mail: mairie@clairmoulin.example"]


def test_without_any_contact_none_is_promised() -> None:
    """The reply says that there is none to give."""
    assert "coordonnées à vous indiquer" in reply("contact", "fr", About(), {})


def test_a_language_without_texts_is_answered_in_english() -> None:
    """As answers are framed; dates and names in English too."""
    assert all(reply(act, "nl", FULL, {}) == reply(act, "en", FULL, {}) for act in ACTS)


def _appearance(folder: Path, content: str) -> Path:
    path = folder / "appearance.toml"
    path.write_text(content, "utf-8")
    return path


def test_an_owners_marks_stay_with_their_words(tmp_path: Path) -> None:
    """As ours do where French has a space before them: no line begins with ":"."""
    content = (
        '[name]\nfr = "Clairmoulin : vos questions"\n[legal]\nhost = "Nuage « Ouvert » n° 2 ; Lyon"\n'
        '[examples]\nfr = ["Où ?"]\n[contact.hours]\nfr = "Lundi : 9 h"\n'
    )
    owner = read_appearance(_appearance(tmp_path, content))
    assert owner.name["fr"] == "Clairmoulin\u00a0: vos questions"
    assert owner.legal.host == "Nuage «\u00a0Ouvert\u00a0» n°\u00a02\u202f; Lyon"
    assert owner.examples["fr"] == ["Où\u202f?"]
    assert owner.contact.told_in("fr")["hours"] == ("Lundi\u00a0: 9 h", "fr")


def test_an_owner_words_a_reply(tmp_path: Path) -> None:
    """In the language given, with what is known filled in; the others stay as they are."""
    path = _appearance(
        tmp_path,
        """
        [conversation.fr]
        greeting = "Bienvenue à {name} ! Une question ?"
        recency = "Nos articles vont jusqu’au {newest}."
        [conversation.nl]
        greeting = "Welkom!"
        """,
    )
    own = read_appearance(path).conversation
    assert reply("greeting", "fr", FULL, own) == "Bienvenue à Clairmoulin\u202f! Une question\u202f?"
    assert reply("greeting", "nl", FULL, own) == "Welkom!"
    assert reply("greeting", "ja", FULL, own) == reply("greeting", "ja", FULL, {})
    assert reply("thanks", "fr", FULL, own) == reply("thanks", "fr", FULL, {})
    # A date that isn't known can't be filled in.
    assert reply("recency", "fr", About(), own) == reply("recency", "fr", About(), {})


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("[conversation.fr]\ngreting = 'Bonjour'", r"conversation\.fr\.greting"),
        ("[conversation.xx]\ngreeting = 'Bonjour'", r"conversation\.xx.*no language has this code"),
        ("[conversation.fr]\ngreeting = 'Bonjour {nom}'", r"conversation\.fr\.greeting.*\{name\}"),
        ("[conversation.fr]\ngreeting = 'Bonjour {name'", r"conversation\.fr\.greeting"),
        ("[conversation.fr]\ngreeting = ''", r"conversation\.fr\.greeting"),
        ("[conversation]\nfr = 'Bonjour'", r"conversation\.fr"),
        ("[contact]\nphone = '112'", r"contact\.phone"),
        ("[contact]\nemail = 'mairie'", r"contact\.email"),
        ("[contact]\nform = 'contact.html'", r"contact\.form"),
        ("[contact.hours]\nfrench = '9 h'", r"contact\.hours"),
    ],
)
def test_a_wrong_key_or_value_is_named(tmp_path: Path, content: str, told: str) -> None:
    """With the file and the page that tells what is right."""
    with pytest.raises(ConfigurationError, match=rf"appearance\.toml.*{told}.*docs/appearance\.md"):
        read_appearance(_appearance(tmp_path, content))


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("contact = 'mairie@clairmoulin.example'", "mairie@clairmoulin.example"),
        ("[contact]\nmain = 'https://a.example/'\nemail = 'b@a.example'", "https://a.example/"),
        ("[contact]\ntelephone = '03 80'\nemail = 'b@a.example'", "b@a.example"),
        ("[contact]\ntelephone = '03 80'\nform = 'https://a.example/form'", "https://a.example/form"),
        ("[contact]\ntelephone = '03 80'", "03 80"),
    ],
)
def test_the_contact_shown_in_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str, line: str
) -> None:
    """One text, or the table's main entry, else its e-mail, form or telephone."""
    monkeypatch.delenv("PARTNERBOT_CONTACT", raising=False)
    assert load_settings(appearance=_appearance(tmp_path, content)).contact == line


def test_the_documented_examples_are_valid() -> None:
    """An owner may copy any of them."""
    examples = re.findall(
        r"```toml\n(.*?)```", (ROOT / "docs" / "appearance.md").read_text("utf-8"), re.DOTALL
    )
    assert len(examples) >= 3
    for example in [*examples, (ROOT / "appearance.toml").read_text("utf-8")]:
        Appearance.model_validate(tomllib.loads(example))


def test_who_names_the_institution_means_it(
    small_settings: Settings, model: EmbeddingModel, tmp_path: Path
) -> None:
    """As who says "you" does; another's telephone is looked for in the documents."""
    appearance = tmp_path / "appearance.toml"
    appearance.write_text('[institution]\nfr = "Cercle Orion"\nen = "Orion Circle"\n', "utf-8")
    bot = Partnerbot(
        Settings(**small_settings.model_dump() | {"appearance": appearance}), model, load_reader()
    )
    for question, means_us in (
        ("Quel est le numéro de téléphone du Cercle Orion ?", True),
        ("Orion circle phone number", True),
        ("Quel est le numéro de téléphone du Cercle Pégase ?", False),
    ):
        assert (bot.ask(question).kind == "conversation") is means_us, question


def test_opening_hours_are_those_that_documents_tell(tmp_path: Path, model: EmbeddingModel) -> None:
    """The owner's stand before what documents tell of them; without either, the contact does."""
    hours = article("Visiting us", "The rooms are open from Tuesday to Sunday, from 11 am to 6.30 pm.", "en")
    bot = bot_on(
        {"hours.md": hours, "bridge.md": article("Un pont", "Le pont est en pierre.")}, tmp_path, model
    )
    question = "What are your opening hours?"
    assert [one.source for one in bot.ask(question).citations] == ["hours.md"]
    appearance = _appearance(tmp_path, "[contact]\nhours = 'Lundi : 9 h'\n")
    told = bot.settings.model_dump() | {"appearance": appearance}
    given = Partnerbot(Settings(**told), model, load_reader()).ask(question, language="en")
    assert "Lundi" in given.answer
    assert [one.source for one in given.citations] == ["hours.md"]
    without = bot_on({"bridge.md": article("Un pont", "Le pont est en pierre.")}, tmp_path / "other", model)
    assert without.ask(question).act == "contact"


def test_what_no_document_names_may_be_a_day_that_is_closed(tmp_path: Path, model: EmbeddingModel) -> None:
    """Whether it is open then is told by what the documents tell of such days."""
    hours = article("Visiting us", "We are open from 10 am to 6 pm. We are closed on public holidays.", "en")
    bot = bot_on(
        {"hours.md": hours, "bridge.md": article("Un pont", "Le pont est en pierre.")}, tmp_path, model
    )
    for question in ("Are you closed at Christmas?", "Are you open on Christmas Day?"):
        assert [one.source for one in bot.ask(question).citations] == ["hours.md"], question


def test_what_you_do_is_asked_of_the_institution(tmp_path: Path, model: EmbeddingModel) -> None:
    """By its name, where the question says none; what has nothing to do with it isn't."""
    ours = article(
        "La Maison Ardouin et ses missions",
        "La Maison Ardouin est une fondation qui met en relation les villes de France et du Japon. "
        "Elle aide les communes, forme leurs agents et organise des séminaires. "
        "Au-delà de la France, son bureau couvre sept autres pays : la Belgique, le Luxembourg, la Suisse, "
        "l’Italie, l’Espagne, le Portugal et Monaco.",
    )
    others = "\n\n".join(f"Le pont numéro {number} est en pierre." for number in range(1, 9))
    documents = {"maison.md": ours, "ponts.md": article("Les ponts", others)}
    told = bot_on(documents, tmp_path, model).settings.model_dump()
    told["appearance"] = _appearance(tmp_path, "[institution]\nfr = 'Maison Ardouin'\n")
    bot = Partnerbot(Settings(**told), model, load_reader())
    answer = bot.ask("Que fait votre bureau ?")
    assert (answer.status, [one.source for one in answer.citations][:1]) == ("answered", ["maison.md"])
    assert bot.ask("Parlez-moi des pingouins.").status == "not_in_documents"
    for question, status in (
        ("Vous travaillez aussi avec la Suisse ?", "answered"),
        ("Avez-vous des pingouins ?", "not_in_documents"),
    ):
        assert bot.ask(question).status == status, question


def test_what_surely_asks_nothing_is_no_question_of_its_words(tmp_path: Path, model: EmbeddingModel) -> None:
    """« D'accord » asks for no agreement, though one is told of; a name is asked for by itself."""
    documents = {
        "accord.md": article("Un accord", "Ils sont d’accord, et l’accord est signé. À bientôt, dit-on."),
        "obuse.md": article("Obuse", "Obuse est une petite ville de la préfecture de Nagano."),
    }
    bot = bot_on(documents, tmp_path, model)
    for said in ("D'accord", "À bientôt"):
        assert bot.ask(said, interface_language="fr").kind == "conversation", said
    assert [one.source for one in bot.ask("Obuse").citations] == ["obuse.md"]


def test_only_languages_that_the_owner_offers_are_named() -> None:
    """The reader's own first; one that speaks a single language promises no other."""
    for act in ("languages", "translate"):
        told = reply(act, "ko", About(spoken=("fr", "ko")), {})
        assert "한국어 또는 프랑스어로" in told
        assert not re.search("영어|일본어", told)
        assert "français, anglais ou japonais" in reply(act, "fr", About(spoken=("en", "fr", "ja")), {})
        assert "in French." in reply(act, "en", About(spoken=("fr",)), {})
    assert "language of your question" not in reply("languages", "en", About(spoken=("fr",)), {})
    assert languages() == OFFERED


def test_the_languages_that_are_named_are_those_of_the_settings(
    small_settings: Settings, model: EmbeddingModel
) -> None:
    """From appearance.toml to the reply; without any there, those of the page."""
    index = Index.open(small_settings.index, model)
    named = About.of(index, Appearance(languages=("en", "fr")), "", "en")
    assert "in English or French," in reply("languages", "en", named, {})
    unnamed = About.of(index, Appearance(), "", "de")
    assert "Deutsch, Französisch, Japanisch, Englisch oder Koreanisch" in reply(
        "languages", "de", unnamed, {}
    )
