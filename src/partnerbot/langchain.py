"""For those who build with LangChain: a retriever, embeddings, and a tool that answers with citations."""

from functools import partial

from langchain_core.callbacks import AsyncCallbackManagerForRetrieverRun, CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import run_in_executor
from langchain_core.tools import BaseTool, StructuredTool, ToolException

from partnerbot.answering.answer import Answer
from partnerbot.answering.compose import reference
from partnerbot.bot import Partnerbot
from partnerbot.errors import QuestionRejected
from partnerbot.index.search import Candidate
from partnerbot.models.embeddings import load_embedding_model

START_INDEX, SCORE = "start_index", "score"
"""Metadata of what the retriever returns, besides that of its document."""


class PartnerbotRetriever(BaseRetriever):
    """The passages most likely to answer a question, best first, whatever their language.

    `page_content` is a sentence with its neighbours, word for word. Metadata:
    `source` (path below the documents folder), `title`, `language` (ISO 639-1); where they are known `url`,
    `published` (ISO date) and, of a PDF, `page`, counted from 1; `start_index`, the offset in characters of
    `page_content` in its cleaned document; `score`, in standard deviations of ordinary text: higher is
    likelier, and what is below 3 seldom has to do with the question.

    Raises: QuestionRejected where there is nothing to look for; IndexUnavailable.
    """

    bot: Partnerbot
    k: int = 4
    """How many passages are returned, unless the index has fewer."""

    def _get_relevant_documents(
        self,
        query: str,
        *,
        run_manager: CallbackManagerForRetrieverRun,  # noqa: ARG002 - LangChain passes it by name
        k: int | None = None,
    ) -> list[Document]:
        return [_as_document(*found) for found in self.bot.retrieve(query, self.k if k is None else k)]

    async def _aget_relevant_documents(
        self, query: str, *, run_manager: AsyncCallbackManagerForRetrieverRun, k: int | None = None
    ) -> list[Document]:
        retrieve = partial(self._get_relevant_documents, run_manager=run_manager.get_sync(), k=k)
        return await run_in_executor(None, retrieve, query)


class PartnerbotEmbeddings(Embeddings):
    """The embedding model that an index is built with, for a vector store of your own; unit length.

    `model`: "embedded" (multilingual-e5-small, which needs no download), or a sentence-transformers model.

    Raises: ModelUnavailable.
    """

    def __init__(self, model: str = "embedded") -> None:
        self._model = load_embedding_model(model)

    def embed_query(self, text: str) -> list[float]:
        return [float(value) for value in self._model.query_vector(text)]

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [[float(value) for value in row] for row in self._model.document_vectors(texts)]


def answering_tool(bot: Partnerbot) -> BaseTool:
    """Return a tool by which an agent asks the documents.

    The agent reads the answer and the numbered quotes it stands on; the message's `artifact` is the whole
    `Answer`. A question that can't be asked as it is comes back with the reason.
    """

    def ask_documents(question: str) -> tuple[str, Answer]:
        try:
            answer = bot.ask(question)
        except QuestionRejected as error:
            raise ToolException(str(error)) from error
        return _as_text(answer), answer

    return StructuredTool.from_function(
        ask_documents,
        description="Answers a question from the institution's documents, with numbered verbatim quotes and "
        "their sources, or says that the documents don't answer it.",
        response_format="content_and_artifact",
        handle_tool_error=True,
    )


def _as_document(candidate: Candidate, document: Document) -> Document:
    passage = candidate.passage
    about = reference(document, passage.start).model_dump(exclude={"ocr"}, exclude_none=True)
    place = {START_INDEX: passage.context_start, SCORE: round(candidate.score, 3)}
    return Document(id=passage.id, page_content=passage.context, metadata=about | place)


def _as_text(answer: Answer) -> str:
    """Return what a language model is to read of an answer."""
    points = [f"- {point.text} {''.join(f'[{n}]' for n in point.citations)}" for point in answer.points]
    quotes = [
        f"[{one.number}] “{one.quote}” ({one.title}, {one.url or one.source})" for one in answer.citations
    ]
    return "\n".join([answer.answer, *points, *quotes])
