"""Figures of the running server: what was asked for and how it ended, never by whom or in which words."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from partnerbot.bot import Partnerbot
from partnerbot.errors import ConfigurationError, IndexUnavailable, needing
from partnerbot.web.records.questions import Ended

if TYPE_CHECKING:
    from prometheus_client import Metric

REQUEST_ID = "partnerbot.request_id"
"""Where a request's scope has its name: what Gradio calls later is called outside of the request."""

_SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
"""Bounds of the histograms: an answer takes half a second, up to a minute where a language model writes."""


class Metrics:
    """The figures in Prometheus' form. Safe to use from several threads."""

    def __init__(self, bot: Partnerbot) -> None:
        """Begin to count. Raises: ConfigurationError if the extra `metrics` is not installed."""
        with needing("metrics", "PARTNERBOT_METRICS_PORT"):
            from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector
        self._bot = bot
        self._registry = registry = CollectorRegistry()
        registry.register(self)
        ProcessCollector(registry=registry)
        counter = partial(Counter, registry=registry)
        histogram = partial(Histogram, registry=registry, buckets=_SECONDS)
        of_question = ["outcome", "kind", "language", "generator"]
        self._requests = counter("partnerbot_http_requests", "Requests, by status.", ["method", "status"])
        self._questions = counter("partnerbot_questions", "Questions, by how they ended.", of_question)
        self._seconds = histogram("partnerbot_question_seconds", "From a question to its end.", ["outcome"])
        self._stages = histogram("partnerbot_stage_seconds", "Each stage of an answer.", ["stage"])

    def serve(self, host: str, port: int) -> None:
        """Answer /metrics on an address of its own. Raises: ConfigurationError if that is taken."""
        from prometheus_client import start_http_server

        try:
            start_http_server(port, host, self._registry)
        except OSError as error:
            raise ConfigurationError(
                f"Nothing can listen on {host}:{port} for Prometheus ({error.strerror or error}). "
                "Choose another PARTNERBOT_METRICS_PORT."
            ) from error

    def request(self, method: str, status: int) -> None:
        known = method if method in ("GET", "HEAD", "POST", "OPTIONS") else "other"
        self._requests.labels(known, str(status)).inc()

    def question(self, ended: Ended) -> None:
        answer = ended.answer
        of_answer = ("", "", "") if answer is None else (answer.kind, answer.language, answer.generator)
        self._questions.labels(ended.outcome, *of_answer).inc()
        self._seconds.labels(ended.outcome).observe(ended.seconds)
        for stage, milliseconds in {} if answer is None else answer.timings_ms.items():
            self._stages.labels(stage).observe(milliseconds / 1000)

    def collect(self) -> Iterator[Metric]:
        """Yield what is true now, of the index and of the language model."""
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

        writer = self._bot.writer
        if writer is not None:
            told = "Answers, sentences and why some were dropped, of the language model."
            outcomes = CounterMetricFamily("partnerbot_llm_outcomes", told, labels=["outcome"])
            for outcome, count in writer.outcomes.items():
                outcomes.add_metric([outcome], count)
            yield outcomes
            told = "Tokens asked and written; begins at 0 each day (UTC)."
            yield CounterMetricFamily("partnerbot_llm_tokens", told, writer.figures["tokens_today"])
        try:
            now = self._bot.ready()
        except IndexUnavailable:
            yield GaugeMetricFamily("partnerbot_ready", "Whether there is an index to answer from.", 0)
            return
        for name, told, value in (
            ("ready", "Whether there is an index to answer from.", 1),
            ("index_age_seconds", "Time since it was built.", now.age_seconds),
            ("index_documents", "Documents in it.", now.documents),
            ("index_bytes", "What it occupies on the disk.", now.megabytes * 1e6),
        ):
            yield GaugeMetricFamily(f"partnerbot_{name}", told, value)
        which = GaugeMetricFamily("partnerbot_index_info", "What answers.", labels=["generation", "model"])
        which.add_metric([now.generation, now.model], 1)
        yield which
