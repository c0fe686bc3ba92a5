"""Takes the README's pictures of the chat, in a real browser, from the sample: docs/images/chat-*.png."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from partnerbot.bot import Partnerbot
from partnerbot.index.build import build_index
from partnerbot.models.embeddings import load_embedding_model
from partnerbot.settings import load_settings

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))

from browsing import launched, visiting
from serving import serving

ROOT = Path(__file__).parents[2]

PATIENCE_MILLISECONDS = 300_000

PICTURES = (
    ("chat-en.png", "desk", "en", "When did Vitagora open its Kumamoto office?"),
    ("chat-ja-phone.png", "phone", "ja", "ヴィタゴラはいつ熊本に事務所を開きましたか？"),
)
"""Each with the size of the window, the page's language, and what is asked."""


def main() -> None:
    """Index the sample, ask, and take the pictures."""
    with tempfile.TemporaryDirectory() as folder:
        index = Path(folder) / "index"
        settings = load_settings(documents=ROOT / "documents", index=index, state=Path(folder) / "state")
        build_index(settings.documents, index, load_embedding_model(settings.embedding_model))
        with serving(Partnerbot.open(settings)) as address, launched() as browser:
            for name, size, language, question in PICTURES:
                with visiting(browser, address, size) as visitor:
                    # The example questions wait until each is found to be answered.
                    visitor.page.set_default_timeout(PATIENCE_MILLISECONDS)
                    page = visitor.open(language)
                    visitor.ask(question)
                    page.screenshot(path=ROOT / "docs" / "images" / name)


if __name__ == "__main__":
    main()
