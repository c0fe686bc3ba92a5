"""`partnerbot links`: which public addresses of the documents, to which answers lead, no longer open."""

import sys
from datetime import UTC, datetime

from partnerbot.cli.terminal import Exit, IndexOption, say, screen
from partnerbot.errors import AddressNotFetched, DisallowedByRobots
from partnerbot.settings import load_settings

_EVERY_DOCUMENT = 10**9


def links(index: IndexOption = None) -> None:
    """Print the documents' public addresses that no longer open.

    Each is asked for once. What is found stands on the page for staff, too.
    Run it now and then, from cron or a timer.
    """
    from sqlalchemy import delete, insert
    from sqlalchemy.sql.dml import UpdateBase

    from partnerbot.answering.curated import read_curated, written_answers
    from partnerbot.bot import Partnerbot
    from partnerbot.documents.metadata import URL
    from partnerbot.records import LINKS, Records
    from partnerbot.sites.fetching import Fetcher
    from partnerbot.sites.sources import Sources, read_sources
    from partnerbot.sites.web_addresses import normal_address

    settings = load_settings(index=index)
    # An office without pages to fetch has no such file.
    sources = read_sources(settings.sources) if settings.sources.exists() else Sources.model_construct()
    records = Records(settings)
    fetcher = Fetcher(settings.contact, sources.delay_seconds, sources.private_hosts)
    stated = [each.metadata.get(URL) for each in Partnerbot.open(settings).documents(_EVERY_DOCUMENT)]
    stated += [
        each.source for each in (*read_curated(settings.curated), *written_answers(records)) if each.source
    ]
    addresses = sorted({normal for one in stated if one and (normal := normal_address(one))})
    today, dead = datetime.now(UTC).date(), 0
    with screen.status("Asking") as status:
        for address in addresses:
            status.update(f"Asking {address}")
            known: list[UpdateBase] = [delete(LINKS).where(LINKS.c.address == address)]
            try:
                fetcher.get(address, None, expected="link")
                known.append(insert(LINKS).values(address=address, day=today))
            except DisallowedByRobots:
                pass  # it may open, but programs are asked not to look
            except AddressNotFetched as error:
                dead += 1
                print(f"{address}: {error}")
                failure = str(error.status or error.cause or error)
                known.append(insert(LINKS).values(address=address, day=today, failure=failure))
            records.change(*known)
    if addresses:
        records.change(delete(LINKS).where(LINKS.c.day < today))  # what isn't linked to any more
    say(f"{dead} of {len(addresses)} addresses don't open.")
    sys.exit(Exit.PARTLY if dead else Exit.DONE)
