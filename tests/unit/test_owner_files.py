"""What is wrong in a file that an owner wrote is told by its place there and in words, whichever file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from partnerbot.answering.curated import read_curated
from partnerbot.appearance import read_appearance
from partnerbot.errors import ConfigurationError
from partnerbot.evaluation.golden import read_golden
from partnerbot.index.spellings import read_glossary
from partnerbot.settings import read_settings
from partnerbot.sites.sources import read_sources

FEED = '[[source]]\nfeed = "https://a.example/"\n'


@pytest.mark.parametrize(
    ("read", "written", "told"),
    [
        (
            read_curated,
            '[[answer]]\nquestions = [1]\ntext.fr = "Oui."',
            "answer 1 questions 1: a text is written in",
        ),
        (read_curated, '[[answer]]\nquestions = []\ntext.fr = "Oui."', "answer 1 questions: is empty"),
        (
            read_curated,
            '[[answer]]\nquestions = ["?"]\ntext = "Oui."',
            "answer 1 text: several values, each with a name",
        ),
        (read_curated, '[[answer]]\nquestions = ["?"]\ntext.fra = ""', "answer 1 text.fra: is empty"),
        (
            read_curated,
            '[[answer]]\nquestions = ["?"]\ntext.french = "Yes."',
            "french: no language has this code",
        ),
        (
            read_curated,
            '[[answer]]\nquestions = ["?"]\ntext.fr = "Oui."\nexpires = "demain"',
            "answer 1 expires: a day is written 2027-12-31",
        ),
        (
            read_curated,
            '[answer]\nquestions = ["?"]',
            "answer: one of a list, so that in TOML its name is written in [[ ]]",
        ),
        (read_appearance, 'languages = "fr"', "languages: a list is written in [ ]"),
        (read_appearance, 'told_after = "oui"', "told_after: true or false"),
        (read_appearance, 'partnerships = "non"', "partnerships: true or false"),
        (read_appearance, '[legal]\nbasis = "none"', "legal.basis: one of 'legitimate_interest' or"),
        (read_appearance, '[legal.audit]\nday = "hier"', "legal.audit.day: a day is written 2027-12-31"),
        (read_appearance, '[contact]\nemail = "mairie"', "contact.email: an e-mail address"),
        (read_appearance, "[contact]\nhours = 9", "contact.hours: a text is written in quotes"),
        (read_appearance, '[colours.light]\naccent = "red"', "accent: a colour is written like #1f4e79"),
        (read_sources, f"delay_seconds = -1\n{FEED}", "delay_seconds: 0 or more"),
        (read_sources, f'delay_seconds = "vite"\n{FEED}', "delay_seconds: a number"),
        (read_sources, f'private_hosts = "intranet"\n{FEED}', "private_hosts: a list is written in [ ]"),
        (read_golden, '[[question]]\nquestion = "?"\nanswered = "non"', "question 1 answered: true or false"),
        (read_golden, '[[question]]\nanswer = "1990"', "question 1 question: is missing"),
        (read_golden, "[[question]]\nquestion = Quand ?", "at line 2"),
        (read_glossary, "- [Dijon, ディジョン]\n- Nancy", "entry 2: a list is written in [ ]"),
        (read_glossary, "- [Dijon\n", "line 2: expected ',' or ']'"),
    ],
)
def test_a_wrong_value_is_told_by_its_place_and_what_it_should_be(
    tmp_path: Path, read: Callable[[Path], object], written: str, told: str
) -> None:
    """With the file, and where it is described; in none of the words of the library that found it."""
    file = tmp_path / "owners"
    file.write_text(written, "utf-8")
    with pytest.raises(ConfigurationError) as refused:
        read(file)
    message = str(refused.value)
    assert message.startswith(str(file))
    assert told in message
    assert ". See " in message
    assert "should" not in message
    assert "\n" not in message


def test_what_is_wrong_in_a_list_is_told_once(tmp_path: Path) -> None:
    """Not that the list is empty as well, because nothing in it could be used."""
    file = tmp_path / "sources.toml"
    file.write_text('[[source]]\npages = ["a.example"]', "utf-8")
    with pytest.raises(ConfigurationError) as refused:
        read_sources(file)
    assert "empty" not in str(refused.value)


def test_a_file_that_is_not_in_utf_8_is_told_to_be_saved_so(tmp_path: Path) -> None:
    """As some editors of Windows save it; a mark of UTF-8 at its beginning is none of its text."""
    file = tmp_path / "glossary.yaml"
    file.write_bytes("- [Orléans, オルレアン]".encode("shift_jis", "replace") + b"\xe9")
    with pytest.raises(ConfigurationError, match="save it in UTF-8"):
        read_glossary(file)
    file.write_text("- [Orléans, オルレアン]", "utf-8-sig")
    assert read_glossary(file) == [("Orléans", "オルレアン")]


def test_a_wrong_setting_is_told_in_the_same_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the name of its variable."""
    monkeypatch.setenv("PARTNERBOT_PORT", "abc")
    with pytest.raises(ConfigurationError, match="PARTNERBOT_PORT: a whole number"):
        read_settings()
