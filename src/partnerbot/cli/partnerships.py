"""`partnerbot partnerships`: the partnerships that the documents tell of."""

import json
import sys
from typing import Annotated

import typer

from partnerbot.cli.terminal import Exit, IndexOption, say
from partnerbot.settings import load_settings


def partnerships(
    json_lines: Annotated[
        bool, typer.Option("--json", help="One JSON object a line, with its quotes.")
    ] = False,
    csv: Annotated[bool, typer.Option("--csv", help="A table for spreadsheets.")] = False,
    language: Annotated[str, typer.Option(help="Of names and kinds: fr, ja, en …")] = "en",
    index: IndexOption = None,
) -> None:
    """List the partnerships that the documents tell of; ends with 1 if a correction can't be used."""
    from partnerbot.bot import Partnerbot
    from partnerbot.register.corrections import read_corrections
    from partnerbot.register.partnerships import tables
    from partnerbot.register.published import as_json, as_table, word

    settings = load_settings(index=index)
    if not settings.owner.partnerships:
        say(f"No partnerships are listed: {settings.appearance} has partnerships = false.")
        return
    bot = Partnerbot.open(settings)
    rows = bot.register().partnerships
    if csv:
        print(as_table(rows, language), end="")
    elif json_lines:
        for row in rows:
            print(json.dumps(as_json(row, bot.document_text), ensure_ascii=False))
    else:
        for row in rows:
            stated = [word(tables().kinds, cell.value, language) for cell in row.kind[:1]]
            stated += [cell.value for cell in row.since[:1]]
            print(" · ".join([f"{row.a.name(language)} – {row.b.name(language)}", *stated]))
    for told in bot.remarks():
        say(told, "yellow")
    if not rows:
        say("The documents tell of no partnership.")
    sys.exit(Exit.PARTLY if read_corrections(settings.register_file).unusable else Exit.DONE)
