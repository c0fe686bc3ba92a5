"""`partnerbot evaluate`: how good the answers are, on questions whose right replies are known."""

from pathlib import Path
from typing import Annotated

import typer
from platformdirs import user_cache_path

from partnerbot.errors import ConfigurationError, cause
from partnerbot.settings import load_settings


def evaluate(
    data_sets: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="DATASET…",
            help="Folders or files of data sets; sample or broad for the questions that come along; marked, "
            "as without any, for the replies that staff marked as wrong.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the whole report as JSON.")] = False,
    compare: Annotated[
        Path | None, typer.Option(help="An earlier report (--json) to show the differences from.")
    ] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Ask at most so many questions or dialogues of each.")
    ] = None,
    page: Annotated[
        Path | None,
        typer.Option("--report", help="Write a page for a browser there, with plots and the worst replies."),
    ] = None,
    llm: Annotated[
        str, typer.Option(metavar="PROVIDER:MODEL", help="Have a language model write the answers.")
    ] = "",
) -> None:
    """Measure how good the answers are on data sets."""
    from partnerbot.cli.progress import progress
    from partnerbot.evaluation.datasets import MARKED
    from partnerbot.evaluation.presenting import page as written_page
    from partnerbot.evaluation.presenting import print_report
    from partnerbot.evaluation.report import run

    cache = user_cache_path("partnerbot") / "evaluation"
    settings = load_settings().model_copy(update={"llm": llm})
    with progress() as show:
        report = run(data_sets or [MARKED], settings, cache, compare, limit, show)
    if as_json:
        print(report.model_dump_json(indent=1))
    else:
        print_report(report)
    if page is not None:
        try:
            page.write_text(written_page(report), "utf-8")
        except OSError as error:
            raise ConfigurationError(f"The page can't be written to {page}: {cause(error)}") from error
