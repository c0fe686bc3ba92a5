"""Several machines that answer from one Chroma server: they follow its pointer, and survive its absence."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from fastapi.testclient import TestClient

from chroma_server import Server, running_chroma
from partnerbot.bot import Partnerbot
from partnerbot.cli.index import go_back
from partnerbot.errors import IndexBusy, IndexUnavailable, IndexUnreachable
from partnerbot.index import generations
from partnerbot.index.build import build_index, roll_back
from partnerbot.index.current import CurrentIndex
from partnerbot.index.reports import last_report
from partnerbot.index.search import Index
from partnerbot.index.server import ChromaServer, publish
from partnerbot.index.texts import Texts
from partnerbot.models.embeddings import EmbeddingModel
from partnerbot.models.reader import load_reader
from partnerbot.settings import Settings
from serving import api_of, serving, serving_process
from toy_model import toy_model
from waiting import wait_until

TEXTS = {
    "fr/charte.md": "La charte d'amitié entre Clairmoulin et Kirisawa a été signée le 12 avril {year}. "
    "Les deux communes partagent des moulins à papier.",
    "ja/ashiyu.md": "霧沢駅前の足湯は{year}年6月5日に開業した。利用は無料で、毎日午前9時から開いている。",
    "en/tea.md": "The tea master held a ceremony in the old mill in {year}. The bowls are from Kirisawa.",
}
QUESTION = "Quand la charte d'amitié a-t-elle été signée ?"


@pytest.fixture
def chroma(tmp_path: Path) -> Iterator[Server]:
    with running_chroma(tmp_path / "chroma") as server:
        yield server


def write(folder: Path, year: int) -> Path:
    """Documents whose right answers are in a year."""
    for source, text in TEXTS.items():
        path = folder / source
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.format(year=year), "utf-8")
    return folder


def without_rows(texts: Texts, _: str) -> str:
    """Return a register in which no document states a partnership."""
    return json.dumps({source: {"rows": []} for source in texts.documents})


def index(tmp_path: Path, year: int, model: EmbeddingModel, url: str) -> None:
    """What a run of the indexer does on the one machine that indexes."""
    documents = write(tmp_path / "documents", year)
    build_index(documents, tmp_path / "index", model, derive=without_rows)
    publish(tmp_path / "index", ChromaServer(url))


def replica(tmp_path: Path, name: str, url: str, model: EmbeddingModel) -> Partnerbot:
    """A machine that answers, with nothing of its own."""
    settings = Settings(documents=tmp_path / "none", index=tmp_path / name, index_url=url)
    return Partnerbot(settings, model, load_reader())


def from_server(model: EmbeddingModel, url: str, token: str = "") -> Index:
    return CurrentIndex(Path("none"), model, (), url, token).get()


def found(index: Index, model: EmbeddingModel, question: str) -> dict[str, float]:
    return {one.passage.id: one.score for one in index.search(question, model.query_vector(question))}


def test_a_server_finds_what_the_folder_finds(tmp_path: Path, chroma: Server) -> None:
    """The same passages with the same scores, by meaning and by words, in every language."""
    model = toy_model()
    index(tmp_path, 2009, model, chroma.url)
    here = Index.open(tmp_path / "index", model)
    there = from_server(model, chroma.url)
    for question in (QUESTION, "足湯はいつ開業しましたか", "Who held the tea ceremony?", "2009"):
        assert found(there, model, question) == pytest.approx(found(here, model, question), abs=1e-3)
    assert there.document("ja/ashiyu.md") == here.document("ja/ashiyu.md")
    assert "ja/ashiyu.md" in there.derived == here.derived


def test_only_what_is_new_is_sent(tmp_path: Path, chroma: Server) -> None:
    """A generation's vectors that the server has stay; what no generation reads is removed."""
    model = toy_model()
    index(tmp_path, 2009, model, chroma.url)
    first = collections(chroma)
    assert not publish(tmp_path / "index", ChromaServer(chroma.url))
    (tmp_path / "documents/en/mill.md").write_text("The mill opens a workshop every spring.", "utf-8")
    build_index(tmp_path / "documents", tmp_path / "index", model)
    publish(tmp_path / "index", ChromaServer(chroma.url))
    vectors = {name: keys(chroma, name) for name in first if not name.endswith((".documents", ".pointer"))}
    assert all(known <= keys(chroma, name) for name, known in vectors.items())
    for year in (2011, 2012, 2013):
        index(tmp_path, year, model, chroma.url)
    assert not any(known <= keys(chroma, name) for name, known in vectors.items())
    assert not any(name in collections(chroma) for name in first if name.endswith(".documents"))
    assert len([name for name in collections(chroma) if name.endswith(".documents")]) == 2


def test_replicas_follow_the_swap_and_the_way_back(
    tmp_path: Path, chroma: Server, model: EmbeddingModel
) -> None:
    """Two machines without an index answer from the server's, and take over the next within seconds."""
    index(tmp_path, 2009, model, chroma.url)
    replicas = [replica(tmp_path, name, chroma.url, model) for name in ("one", "two")]
    assert [bot.ask(QUESTION).short_answer for bot in replicas] == ["12 avril 2009"] * 2

    def all_say(day: str) -> bool:
        return {bot.ask(QUESTION).short_answer for bot in replicas} == {day}

    index(tmp_path, 2014, model, chroma.url)
    wait_until(lambda: all_say("12 avril 2014"), "both replicas follow")
    roll_back(tmp_path / "index", model)
    publish(tmp_path / "index", ChromaServer(chroma.url))
    wait_until(lambda: all_say("12 avril 2009"), "both replicas follow the way back")


def test_the_way_back_can_be_asked_for_again(tmp_path: Path, chroma: Server) -> None:
    """A server that was away follows the folder then; with both there, there is nowhere to go back to."""
    model = toy_model()
    settings = Settings(index=tmp_path / "index", index_url=chroma.url)
    index(tmp_path, 2009, model, chroma.url)
    first, answering = generations.current(settings.index), ChromaServer(chroma.url).current()
    index(tmp_path, 2014, model, chroma.url)
    chroma.kill()
    with pytest.raises(IndexUnreachable):
        go_back(settings, model)
    assert generations.current(settings.index) == first
    chroma.start()
    go_back(settings, model)
    assert ChromaServer(chroma.url).current() == answering
    assert generations.current(settings.index) == first
    with pytest.raises(IndexUnavailable, match="no generation before"):
        go_back(settings, model)


def test_a_garbled_generation_on_the_server_is_not_answered_from(
    tmp_path: Path, chroma: Server, model: EmbeddingModel, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever is wrong with it: the one before goes on answering, and that is logged once."""
    index(tmp_path, 2009, model, chroma.url)
    bot = replica(tmp_path, "one", chroma.url, model)
    assert bot.ask(QUESTION).short_answer == "12 avril 2009"
    index(tmp_path, 2014, model, chroma.url)
    server = ChromaServer(chroma.url)
    documents = server.collection(f"partnerbot.{server.current()}.documents")
    documents.update(ids=["en/tea.md"], metadatas=[{"reaches": "no JSON"}])
    bot.await_visitors()
    for _ in range(3):
        time.sleep(1.1)
        assert bot.ask(QUESTION).short_answer == "12 avril 2009"
    (told,) = [record for record in caplog.records if record.levelname == "ERROR"]
    assert "can't be opened (JSONDecodeError" in told.getMessage()
    assert any(thread.name == "index-follower" and thread.is_alive() for thread in threading.enumerate())
    with pytest.raises(IndexUnavailable):
        replica(tmp_path, "two", chroma.url, model).ask(QUESTION)


def test_a_server_that_is_killed_and_comes_back(tmp_path: Path, chroma: Server) -> None:
    """While it is away its last generation goes on answering; what is published after is followed,
    without anybody's doing."""
    model = toy_model()
    index(tmp_path, 2009, model, chroma.url)
    client = TestClient(api_of(replica(tmp_path, "one", chroma.url, model)), "http://127.0.0.1")

    def text() -> str:
        assert client.get("/ready").status_code == 200
        return client.get("/documents/en/tea.md").text

    assert "2009" in text()
    chroma.kill()
    time.sleep(1.1)
    assert "2009" in text()
    chroma.start()
    index(tmp_path, 2014, model, chroma.url)
    wait_until(lambda: "2014" in text(), "the next generation", seconds=10)


def test_visitors_are_told_in_their_language(tmp_path: Path, model: EmbeddingModel) -> None:
    """A server that is away is no reason to say that the documents don't tell."""
    bot = replica(tmp_path, "one", "http://127.0.0.1:9", model)
    with serving(bot, chats=()) as address:
        told = httpx.post(
            f"{address}/api/ask", json={"question": QUESTION}, headers={"Accept-Language": "ja"}, timeout=60
        )
    assert told.status_code == 503
    assert "ただいま" in told.json()["error"]["message"]


@pytest.mark.thorough
def test_two_replicas_of_which_one_is_killed(tmp_path: Path, chroma: Server, model: EmbeddingModel) -> None:
    """Two processes that serve, under load: one is killed, the server is killed and started again. The other
    one goes on answering as before."""
    index(tmp_path, 2009, model, chroma.url)
    with (
        serving_process(tmp_path / "one", INDEX_URL=chroma.url) as one,
        serving_process(tmp_path / "two", INDEX_URL=chroma.url) as two,
    ):
        outcomes: list[str] = []
        ended = threading.Event()

        def visitor(address: str) -> None:
            while not ended.is_set():
                try:
                    answer = httpx.post(f"{address}/api/ask", json={"question": QUESTION}, timeout=60)
                except httpx.TransportError:
                    return  # the one that was killed
                told = answer.json()
                outcomes.append(told.get("short_answer") or str(answer.status_code))

        threads = [
            threading.Thread(target=visitor, args=(address,), daemon=True) for address, _ in (one, two)
        ]
        for thread in threads:
            thread.start()
        wait_until(lambda: len(outcomes) > 10, "answers")
        two[1].kill()
        chroma.kill()
        so_far = len(outcomes)
        wait_until(lambda: len(outcomes) > so_far + 10, "answers without the server")
        chroma.start()
        ended.set()
        for thread in threads:
            thread.join(60)
    assert set(outcomes) == {"12 avril 2009"}


@pytest.mark.system
def test_a_server_that_is_not_there_is_said(tmp_path: Path) -> None:
    """Wrong address: one sentence with what to check; an empty server: what to run."""
    away = "http://127.0.0.1:9"
    with pytest.raises(IndexUnreachable, match="PARTNERBOT_INDEX_URL"):
        from_server(toy_model(), away)
    with (
        running_chroma(tmp_path / "chroma") as empty,
        pytest.raises(IndexUnavailable, match="partnerbot index"),
    ):
        from_server(toy_model(), empty.url)


def test_a_send_that_is_cut_off_leaves_the_index_that_was(tmp_path: Path, chroma: Server) -> None:
    """Half of a collection is no collection: the pointer stays, and the next run sends it whole."""
    model = toy_model()
    index(tmp_path, 2009, model, chroma.url)
    server = ChromaServer(chroma.url)
    before = server.current()
    build_index(write(tmp_path / "documents", 2014), tmp_path / "index", model)

    class PowerCut(Exception):
        pass

    def cut(_: str, done: int, total: int) -> None:
        if done * 2 >= total:
            raise PowerCut

    with pytest.raises(PowerCut):
        publish(tmp_path / "index", server, cut)
    assert server.current() == before
    assert (last_report(tmp_path / "index") or {})["outcome"] == "failed"
    assert publish(tmp_path / "index", server)
    assert (last_report(tmp_path / "index") or {})["outcome"] == "published, and sent to the server"
    after = from_server(model, chroma.url)
    assert "2014" in after.document("fr/charte.md").page_content


def test_one_machine_writes_at_a_time(tmp_path: Path, chroma: Server) -> None:
    """A second one is told who writes; one that died without a word blocks nobody."""
    model = toy_model()
    index(tmp_path, 2009, model, chroma.url)
    build_index(write(tmp_path / "documents", 2014), tmp_path / "index", model)
    server = ChromaServer(chroma.url)
    lease = {
        "run": "another",
        "process": 1,
        "computer": "elsewhere",
        "since": "2026-01-01",
        "until": time.time() + 60,
    }
    server.ask(lambda client: client.create_collection("partnerbot.writing", metadata=lease))
    with pytest.raises(IndexBusy, match="elsewhere"):
        publish(tmp_path / "index", server)
    collection = server.collection("partnerbot.writing")
    collection.modify(metadata={**lease, "until": time.time() - 1})
    assert publish(tmp_path / "index", server)
    assert server.collection("partnerbot.writing") is None


@pytest.mark.parametrize("collection", ["documents", "en.context"])
def test_what_is_not_whole_is_not_answered_from(tmp_path: Path, chroma: Server, collection: str) -> None:
    """Where the server has lost a document or a vector, that is said."""
    index(tmp_path, 2009, toy_model(), chroma.url)
    (name,) = [one for one in collections(chroma) if one.endswith(collection)]
    ChromaServer(chroma.url).collection(name).delete(ids=sorted(keys(chroma, name))[:1])
    with pytest.raises(IndexUnavailable, match="not whole"):
        from_server(toy_model(), chroma.url)


def test_the_token_is_sent_with_every_request(tmp_path: Path, chroma: Server) -> None:
    """A proxy that checks a token lets a machine with the right one through, and no other."""
    model = toy_model()
    index(tmp_path, 2009, model, chroma.url)
    with proxy(chroma.url, "Bearer s3cret") as url:
        from_server(model, url, "s3cret")
        with pytest.raises(IndexUnreachable, match="PARTNERBOT_INDEX_TOKEN"):
            from_server(model, url, "wrong")


def collections(chroma: Server) -> set[str]:
    """The names of what is on the server."""
    return {one.name for one in ChromaServer(chroma.url).ask(lambda client: client.list_collections())}


def keys(chroma: Server, name: str) -> set[str]:
    """The keys of the vectors that a collection on the server has."""
    return set(ChromaServer(chroma.url).collection(name).get(include=[])["ids"])


class _Proxied(ThreadingHTTPServer):
    target: str
    token: str


class _Proxy(BaseHTTPRequestHandler):
    server: _Proxied

    def _pass_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.headers.get("Authorization") != self.server.token:
            status, content = 401, b"who are you?"
        else:
            answer = httpx.request(
                self.command,
                self.server.target + self.path,
                content=body,
                headers={"Content-Type": "application/json"},
            )
            status, content = answer.status_code, answer.content
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_DELETE = _pass_on  # noqa: N815  # the standard library's names

    def log_message(self, *_: object) -> None:
        """The proxy keeps no log."""


class proxy:  # noqa: N801  # used as a block
    """A reverse proxy that checks a token."""

    def __init__(self, target: str, token: str) -> None:
        self._server = _Proxied(("127.0.0.1", 0), _Proxy)
        self._server.target, self._server.token = target, token

    def __enter__(self) -> str:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
