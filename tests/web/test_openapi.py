"""Requests made up from our own description of the API, as it allows and as it forbids, by Schemathesis."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

from scripted_bot import ScriptedBot
from serving import api_of

DESCRIBED = {
    "POST /api/ask",
    "GET /api/partnerships",
    "GET /api/challenge",
    "POST /api/challenge",
    "GET /health",
    "GET /ready",
}
AS_DESCRIBED = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@pytest.fixture(scope="module")
def operations(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Every operation that our description has, of a service without limits."""
    free = {"questions_per_day": 0, "all_questions_per_minute": 0, "all_questions_per_day": 0}
    bot = ScriptedBot(tmp_path_factory.mktemp("openapi"), **free)
    schema = schemathesis.openapi.from_asgi("/api/openapi.json", api_of(bot))
    found = (result.ok() for result in schema.get_all_operations())
    return {f"{operation.method.upper()} {operation.path}": operation for operation in found}


def send(operation: Any, mode: GenerationMode, examples: int, *checks: Any) -> None:
    """Send requests of that kind, and hold each response against the checks."""

    @settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.as_strategy(generation_mode=mode))
    def each(case: Case) -> None:
        case.call_and_validate(checks=[*AS_DESCRIBED, *checks])

    each()


def test_the_description_names_what_programs_use(operations: dict[str, Any]) -> None:
    """No more and no less: what is tried below is all of it."""
    assert operations.keys() == DESCRIBED


@pytest.mark.parametrize("name", sorted(DESCRIBED))
def test_what_is_allowed_is_answered_as_described(operations: dict[str, Any], name: str) -> None:
    """Whatever the words, the languages and the conversation: a status, type and form that are named."""
    send(operations[name], GenerationMode.POSITIVE, 10)


@pytest.mark.parametrize("name", ["POST /api/ask", "POST /api/challenge"])
def test_what_is_forbidden_is_refused_as_described(operations: dict[str, Any], name: str) -> None:
    """Wrong types, missing and surplus parts, other media types: refused in the API's own form."""
    send(operations[name], GenerationMode.NEGATIVE, 20, negative_data_rejection)


@pytest.mark.thorough
@pytest.mark.parametrize("mode", GenerationMode)
@pytest.mark.parametrize("name", ["POST /api/ask", "POST /api/challenge"])
def test_many_more_requests(operations: dict[str, Any], name: str, mode: GenerationMode) -> None:
    """As above, a thousand of each."""
    more = [negative_data_rejection] if mode is GenerationMode.NEGATIVE else []
    send(operations[name], mode, 1_000, *more)
