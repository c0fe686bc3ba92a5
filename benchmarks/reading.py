"""Which of many files are read, which are refused and why, and how long that takes.

    python benchmarks/reading.py FOLDER… [--without-recognition]
    python benchmarks/reading.py --articles article-extraction-benchmark/

Every file below a folder is read as `partnerbot index` reads it, limits included. A file that is refused
without a reason of ours, as what reads it broke down, counts as broken. The second form reads the pages of
Zyte's article-extraction-benchmark and has its own script compare the articles (F1, precision, recall).
docs/decisions/017-office-files.md says which public sets were read, and how they fared.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path

from machine import describe

from partnerbot.documents.loading import KNOWN_ENDINGS, survey
from partnerbot.documents.reading import DocumentReader
from partnerbot.documents.recognised import unread_pages
from partnerbot.errors import DocumentRejected

_SLOWEST = 5
_BROKEN = re.compile("breaks")


def main() -> None:
    """Read what the command line names, and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--without-recognition", action="store_true")
    parser.add_argument("--articles", type=Path)
    arguments = parser.parse_args()
    print(describe())
    if arguments.articles:
        _compare_articles(arguments.articles)
    for folder in arguments.folders:
        _read(folder, recognises=not arguments.without_recognition)


def _read(folder: Path, *, recognises: bool) -> None:
    found = survey(folder)
    files = {source: path for source, path in found.files.items() if path.suffix.lower() in KNOWN_ENDINGS}
    read: Counter[str] = Counter()
    refused: defaultdict[str, list[str]] = defaultdict(list)
    unread: dict[str, int] = {}
    seconds: dict[str, float] = {}
    started = time.perf_counter()
    with (
        tempfile.TemporaryDirectory() as pages,
        DocumentReader(recognised=Path(pages) if recognises else None) as reading,
    ):
        for source, path in files.items():
            begun = time.perf_counter()
            try:
                document = reading.document(path, source)
            except DocumentRejected as reason:
                refused[re.sub(r"\d[\d,.]*", "N", str(reason))].append(source)
            else:
                read[path.suffix.lower()] += 1
                if without := unread_pages(document.metadata):
                    unread[source] = len(without)
            seconds[source] = time.perf_counter() - begun
    used = sum(
        usage.ru_utime + usage.ru_stime
        for usage in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )
    took = f"{time.perf_counter() - started:.0f} s, {used:.0f} s of processor time"
    print(f"\n{folder}: {len(files)} files in {took}")
    for ending, count in sorted(Counter(path.suffix.lower() for path in files.values()).items()):
        print(f"  {ending:6} {count:5} files, {read[ending]:5} read")
    for reason, sources in sorted(refused.items(), key=lambda each: -len(each[1])):
        broken = " BROKEN" if _BROKEN.search(reason) else ""
        print(f"  {len(sources):5} refused{broken}: {reason} [{', '.join(sources[:3])}]")
    print(f"  pages of {len(unread)} files left unread: {unread}")
    slowest = sorted(seconds, key=seconds.__getitem__, reverse=True)[:_SLOWEST]
    print(f"  slowest: {', '.join(f'{source} {seconds[source]:.0f} s' for source in slowest)}")


def _compare_articles(benchmark: Path) -> None:
    articles = {}
    with DocumentReader() as reading:
        for path in sorted((benchmark / "html").glob("*.html.gz")):
            page = reading.page(gzip.decompress(path.read_bytes()).decode("utf-8"))
            articles[path.name.removesuffix(".html.gz")] = {"articleBody": "\n".join(page.pages)}
    output = benchmark / "output"
    output.mkdir(exist_ok=True)
    (output / "partnerbot.json").write_text(json.dumps(articles), "utf-8")
    subprocess.run([sys.executable, "evaluate.py"], cwd=benchmark, check=True)


if __name__ == "__main__":
    main()
