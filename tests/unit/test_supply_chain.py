"""What is installed: no version with a vulnerability known to be fixed, hashes for all, no code in models."""

from __future__ import annotations

import ast
import contextlib
import re
import tomllib
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import onnx
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from partnerbot.answering.question import MAX_CHARACTERS
from partnerbot.documents.formats import DEFAULT_LIMITS
from partnerbot.documents.formats.zipped import MAX_UNCOMPRESSED_BYTES
from partnerbot.documents.loading import MAX_FILE_BYTES
from partnerbot.documents.reading import MAX_BYTES_READ_HERE
from partnerbot.models.embeddings import SAFETENSORS
from partnerbot.settings import Settings
from partnerbot.web.api import LONGEST_HISTORY
from partnerbot.web.limits.entrance import LONGEST_STREAM_SECONDS, MOST_OF_ALL, MOST_OF_ONE
from partnerbot.web.reception import LONGEST_ANSWER_SECONDS
from partnerbot.web.records.feedback import LARGEST_DAY_BYTES
from partnerbot.web.routes import BODY_SECONDS, LONGEST_BODY, LONGEST_CONVERSATION, MOST_VALUES

ROOT = Path(__file__).parents[2]
FIXED = {
    canonicalize_name(name): Version(row[0])
    for name, row in tomllib.loads((ROOT / "tests" / "fixed_vulnerabilities.toml").read_text("utf-8")).items()
}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def declared() -> list[Requirement]:
    """Return every requirement that pyproject.toml states, with those to build and the extras."""
    extras = PROJECT["project"]["optional-dependencies"].values()
    listed = [PROJECT["build-system"]["requires"], PROJECT["project"]["dependencies"], *extras]
    return [Requirement(line) for lines in listed for line in lines]


def pinned() -> dict[str, Version]:
    """Return the versions of constraints.txt."""
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    pins = (line.split(";")[0].strip().split("==") for line in lines if "==" in line)
    return {canonicalize_name(name): Version(number) for name, number in pins}


def locked() -> dict[str, tuple[set[Version], int]]:
    """Return the versions of requirements.lock, and how many hashes each package has."""
    found: dict[str, tuple[set[Version], int]] = {}
    for block in re.split(r"\n(?=[A-Za-z])", (ROOT / "requirements.lock").read_text("utf-8")):
        name, _, number = block.split()[0].partition("==")
        versions, hashes = found.get(canonicalize_name(name), (set(), 0))
        found[canonicalize_name(name)] = versions | {Version(number)}, hashes + block.count("--hash=sha256:")
    return found


def lowest(requirement: Requirement) -> Version:
    """Return the oldest version that a requirement allows."""
    bounds = [Version(part.version) for part in requirement.specifier if part.operator in (">=", "==", "~=")]
    return max(bounds, default=Version("0"))


def test_what_we_ask_for_excludes_vulnerable_versions() -> None:
    """The lower bound itself: also who installs without constraints.txt gets no version before the fix."""
    asked = {canonicalize_name(requirement.name): lowest(requirement) for requirement in declared()}
    assert asked.keys() & FIXED.keys()
    assert {name: FIXED[name] for name, least in asked.items() if name in FIXED and least < FIXED[name]} == {}


def test_what_was_tested_together_has_the_fixes() -> None:
    """The exact versions, and those that are installed here, with what other packages bring along."""
    installed = dict(pinned())
    for name in FIXED:
        with contextlib.suppress(PackageNotFoundError):
            installed[name] = min(Version(version(name)), installed.get(name, Version(version(name))))
    assert {
        name: installed[name] for name in FIXED if name in installed and installed[name] < FIXED[name]
    } == {}


def test_every_locked_file_has_a_hash() -> None:
    """And the lock says the versions of constraints.txt; only torch, which has many builds, is not in it."""
    lock = locked()
    assert not [name for name, (_, hashes) in lock.items() if not hashes]
    needed = {canonicalize_name(Requirement(line).name) for line in PROJECT["project"]["dependencies"]}
    assert needed - lock.keys() == set()
    for extra in (
        "sentence-transformers",
        "redis",
        "postgresql",
        "metrics",
        "llm",
        "ollama",
        "openai",
        "mistralai",
        "mcp",
    ):
        packages = map(Requirement, PROJECT["project"]["optional-dependencies"][extra])
        assert {canonicalize_name(one.name) for one in packages} - lock.keys() <= {"partnerbot", "torch"}, (
            extra
        )
    pins = pinned()
    assert {
        name: pins[name] for name, (versions, _) in lock.items() if name in pins and versions != {pins[name]}
    } == {}


def test_no_model_brings_code() -> None:
    """Wherever a model is loaded by name: its code is not trusted, and its weights are safetensors."""
    loads = 0
    for file in sorted((ROOT / "src").rglob("*.py")):
        tree = ast.parse(file.read_text("utf-8"))
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            called = ast.unparse(call.func)
            given = {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords}
            assert given.get("trust_remote_code", "False") == "False", file
            assert given.get("allow_pickle", "False") == "False", file
            assert called not in ("torch.load", "pickle.load", "pickle.loads", "joblib.load"), file
            by_name = called in ("SentenceTransformer", "CrossEncoder") and call.args
            if by_name or called.endswith(".from_pretrained"):
                loads += 1
                assert given["trust_remote_code"] == "False", file
                if "Tokenizer" not in called:
                    assert SAFETENSORS == {"use_safetensors": True}
                    assert "SAFETENSORS" in (given.get("model_kwargs"), given.get(None)), file
    assert loads >= 3


def _tensors(graph: onnx.GraphProto) -> Iterator[onnx.TensorProto]:
    """Yield every tensor of a graph, and of the graphs inside its operators."""
    yield from graph.initializer
    for sparse in graph.sparse_initializer:
        yield from (sparse.values, sparse.indices)
    for attribute in (one for node in graph.node for one in node.attribute):
        yield from (attribute.t, *attribute.tensors)
        for inner in (attribute.g, *attribute.graphs):
            yield from _tensors(inner)


def _faults(file: Path) -> list[str]:
    """Say what a model file needs besides itself: other files, or operators of others than ONNX Runtime."""
    model = onnx.load(file, load_external_data=False)
    away = [
        tensor.name
        for tensor in _tensors(model.graph)
        if tensor.data_location == onnx.TensorProto.EXTERNAL or tensor.external_data
    ]
    strange = {one.domain for one in model.opset_import} - {"", "ai.onnx", "ai.onnx.ml", "com.microsoft"}
    return [*away, *strange]


def test_our_models_are_graphs_and_nothing_else(tmp_path: Path) -> None:
    """Whole in one file: loading one opens no other, and runs operators of ONNX Runtime only."""
    shipped = sorted((ROOT / "src").rglob("*.onnx"))
    assert {file.stem for file in shipped} == {
        "encoder",
        "int8_sum",
        "answers",
        "relevance",
        "shared",
        "tuned",
    }
    for file in shipped:
        assert not _faults(file), file
    apart = tmp_path / "apart.onnx"
    onnx.save(onnx.load(shipped[0]), apart, save_as_external_data=True, location="weights")
    assert _faults(apart)


def test_no_model_file_of_ours_can_run_code() -> None:
    """What we ship is ONNX, text and arrays; no pickle under any of its names."""
    endings = {".bin", ".pt", ".pth", ".pkl", ".pickle", ".ckpt", ".joblib", ".h5"}
    assert [file for file in (ROOT / "src").rglob("*") if file.suffix in endings] == []


def test_security_md_states_the_limits_in_force() -> None:
    """Each figure is the code's own, so that neither changes without the other."""
    limits = Settings()
    million = 1024 * 1024
    stated = [
        f"{MAX_CHARACTERS:,} characters; {LONGEST_HISTORY} earlier turns",
        f"{limits.questions_per_minute} a minute and {limits.questions_per_day:,} a day for a client",
        f"{limits.all_questions_per_minute:,} and {limits.all_questions_per_day:,} for all",
        f"Room for {limits.concurrent_answers} answers at once",
        f"{limits.waiting_questions} questions that wait",
        f"{limits.requests_per_minute} requests a minute",
        f"{LONGEST_BODY // 1024} KiB for the API, {LONGEST_CONVERSATION // million} MiB for a chat page, "
        f"within {BODY_SECONDS:.0f} seconds, and {MOST_VALUES:,} values in each",
        f"{MOST_OF_ONE} requests open for a client, {MOST_OF_ALL:,} in all",
        f"A stream lasts {LONGEST_STREAM_SECONDS / 60:.0f} minutes at most.",
        f"An answer: {LONGEST_ANSWER_SECONDS:.0f} seconds",
        f"A document: {MAX_FILE_BYTES // million} MB, {DEFAULT_LIMITS.characters:,} characters of text, "
        f"{DEFAULT_LIMITS.memory_bytes / million / 1000} GB of memory, {DEFAULT_LIMITS.cpu_seconds} seconds",
        f"a PDF: {DEFAULT_LIMITS.pages:,} pages; "
        f"a Word file: {MAX_UNCOMPRESSED_BYTES // million} MB unpacked",
        f"Markdown of up to {MAX_BYTES_READ_HERE // 1024} KiB",
        f"Feedback: {LARGEST_DAY_BYTES // million} MB a day",
    ]
    text = " ".join((ROOT / "SECURITY.md").read_text("utf-8").split())
    assert [figure for figure in stated if figure not in text] == []


def test_security_md_names_tests_that_exist() -> None:
    """Who looks a claim up finds what shows it; all ten items of OWASP's list are there."""
    text = (ROOT / "SECURITY.md").read_text("utf-8")
    assert re.findall(r"^\| (LLM\d\d) ", text, re.MULTILINE) == [f"LLM{n:02}" for n in range(1, 11)]
    files = set(re.findall(r"`(tests/[\w/]+\.py)`", text))
    assert files
    assert [file for file in files if not (ROOT / file).exists()] == []
    shown = "".join((ROOT / file).read_text("utf-8") for file in files)
    assert [name for name in re.findall(r"`(test_\w+)`", text) if f"def {name}(" not in shown] == []
