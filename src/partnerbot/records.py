"""The database of what is kept for staff: a file of SQLite or, for several replicas, PostgreSQL.

Every row tells its day in UTC, by which it is deleted in time. None has an address or anything else of who
asked. A count and the words of the same question are rows that nothing ties together.
"""

import os
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.schema import CreateColumn, CreateIndex, CreateTable
from sqlalchemy.sql.dml import UpdateBase

from partnerbot.errors import ConfigurationError, RecordsUnavailable, first_line, needing
from partnerbot.settings import Settings

COUNTED_DAYS = 400
"""A year, and the month a year ago to compare with."""

_FOR_GOOD = 36_500

_SECONDS = 5
"""For a database to take a connection, or to have one free, and for another process to have written."""


_MAKING = 7860
"""The lock of PostgreSQL's for making tables: any number that nothing else of the database locks."""

_NAMES = sa.JSON().with_variant(JSONB(), "postgresql")
"""In their order; of this kind PostgreSQL can group rows by them."""


def _table(name: str, *columns: sa.Column[Any]) -> sa.Table:
    """Return a table of what is kept of days; all text is masked before it gets there."""
    return sa.Table(
        name,
        _SCHEMA,
        *columns,
        sa.Column("day", sa.Date, nullable=False, index=True),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
    )


_SCHEMA = sa.MetaData()

COUNTS = _table("counts", sa.Column("kind", sa.Text), sa.Column("milliseconds", sa.Integer))
"""A row for each question. `outcome`: the answer's status, "conversation" for a few polite words, or
"failed"; `kind`: of what was answered; `milliseconds`: from the question to its end."""

QUESTIONS = _table(
    "questions",
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("time", sa.DateTime, nullable=False),
    sa.Column("question", sa.Text, nullable=False),
    sa.Column("follows", _NAMES, nullable=False, server_default="[]"),
    sa.Column("sources", _NAMES, nullable=False),
    sa.Column("vector", sa.LargeBinary),
    sa.Column("asks", sa.Integer, index=True),
)
"""The words of questions, where the owner keeps them. `time`: in UTC, to the minute; `follows`: the earlier
questions that one was understood after, oldest first; `vector`: of its words with those, little-endian
float16; `asks`: one number for all without an answer that ask the same. Earlier releases kept neither."""

FEEDBACK = _table(
    "feedback",
    sa.Column("time", sa.DateTime, nullable=False),
    sa.Column("name", sa.Text, index=True),
    sa.Column("useful", sa.Boolean, nullable=False),
    sa.Column("reason", sa.Text),
    sa.Column("comment", sa.Text),
    sa.Column("question", sa.Text),
    sa.Column("answer", sa.Text),
    sa.Column("sources", _NAMES, nullable=False),
)
"""What visitors say of answers. `name`: of one word, which a reason that follows replaces."""

MARKED = _table(
    "marked",
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("time", sa.DateTime, nullable=False),
    sa.Column("question", sa.Text, nullable=False),
    sa.Column("follows", _NAMES, nullable=False, server_default="[]"),
    sa.Column("right", sa.Boolean, nullable=False),
    sa.Column("reply", sa.Text, nullable=False),
    sa.Column("answer", sa.Text),
    sa.Column("sources", _NAMES, nullable=False),
)
"""Kept questions whose replies staff have marked, each once. `reply`: what they read; `answer`: the short one
in it, if it has one."""

LINKS = sa.Table(
    "links",
    _SCHEMA,
    sa.Column("address", sa.Text, primary_key=True),
    sa.Column("day", sa.Date, nullable=False),
    sa.Column("failure", sa.Text),
)
"""Public addresses of documents, when they were last asked for, and why they didn't open, if they didn't: the
status of the server's answer, or what came in place of one."""

EMBEDDERS = sa.Table(
    "embedded",
    _SCHEMA,
    sa.Column("origin", sa.Text, primary_key=True),
    sa.Column("day", sa.Date, nullable=False),
)
"""Sites that may embed the chat, and the last day on which one of their pages loaded it."""

CURATED = sa.Table(
    "curated",
    _SCHEMA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("day", sa.Date, nullable=False),
    sa.Column("questions", _NAMES, nullable=False),
    sa.Column("text", sa.JSON, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("expires", sa.Date),
)
"""Answers that staff wrote on their page; kept until staff remove them."""


class Records:
    """What is kept, for as long as the settings say."""

    def __init__(self, settings: Settings) -> None:
        """Nothing is opened or made yet. Raises: ConfigurationError if the address can't be used."""
        address = settings.records.get_secret_value()
        self._file = None if address else settings.state / "records.sqlite"
        self._engine = _postgresql(address) if self._file is None else _sqlite(self._file)
        self._making = threading.Lock()
        self._made = 0
        self.days = {
            COUNTS: COUNTED_DAYS if settings.has_staff_page else 0,
            QUESTIONS: settings.keep_questions_days,
            FEEDBACK: settings.feedback_days,
            MARKED: _FOR_GOOD if settings.keep_questions_days and settings.has_staff_page else 0,
            EMBEDDERS: COUNTED_DAYS if settings.embedders else 0,
        }
        """For how many days rows are kept; 0 keeps none, and deletes what was kept before."""

    def rows(self, wanted: sa.Select[Any]) -> Sequence[Any]:
        """Return rows, whose values have the names of columns; none where nothing has been kept.

        Raises: RecordsUnavailable.
        """
        if self._file is not None and not self._file.exists():
            return []
        with self._connection() as connection:
            return connection.execute(wanted).all()

    def change(self, *statements: UpdateBase) -> int:
        """Do all of it or nothing; return how many rows it was. Raises: RecordsUnavailable."""
        with self._connection() as connection:
            return sum(connection.execute(statement).rowcount for statement in statements)

    def purge(self, today: date | None = None) -> int:
        """Delete what is too old; return how many rows it was.

        With one day, what was written yesterday goes at midnight: nothing grows older than it may.

        Raises: RecordsUnavailable.
        """
        if self._file is not None and not self._file.exists():
            return 0
        today = today or datetime.now(UTC).date()
        deleted = self.change(
            *(
                sa.delete(table).where(table.c.day <= today - timedelta(days)) if days else sa.delete(table)
                for table, days in self.days.items()
            )
        )
        if self._file is not None:
            with self._connection() as connection:  # nor is it left in what was written lately
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        return deleted

    @contextmanager
    def _connection(self) -> Iterator[sa.Connection]:
        """Yield a connection to a database that has the tables; what is done with it is done as a whole."""
        try:
            with self._making:
                self._make()
            with self._engine.begin() as connection:
                yield connection
        except (SQLAlchemyError, OSError) as error:
            place = self._file or "PostgreSQL"
            raise RecordsUnavailable(
                f"What is kept in {place} can't be read or written: {first_line(error)}. "
                "Check that it is there, may be written, and has room."
            ) from error

    def _make(self) -> None:
        """Make what isn't there yet: the file, for its owner alone, and the tables.

        Only a new file is opened here: to close a database's file gives up all locks that this process has.
        """
        if self._file is not None and not self._file.exists():
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(self._file, os.O_RDWR | os.O_CREAT, 0o600))
        database = 1 if self._file is None else self._file.stat().st_ino
        if database == self._made:
            return
        self._engine.dispose()  # another file, which was restored
        with self._engine.begin() as connection:
            # Where several begin together, one makes what the others find.
            if self._file is None:
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_MAKING)))
            else:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            for table in _SCHEMA.sorted_tables:
                connection.execute(CreateTable(table, if_not_exists=True))
                there = {column["name"] for column in sa.inspect(connection).get_columns(table.name)}
                for column in table.columns:
                    if column.name not in there:  # an earlier release made the table
                        made = CreateColumn(column).compile(dialect=self._engine.dialect)
                        connection.execute(sa.text(f"ALTER TABLE {table.name} ADD COLUMN {made}"))
                for index in table.indexes:
                    connection.execute(CreateIndex(index, if_not_exists=True))
        self._made = database


def _sqlite(file: Path) -> sa.Engine:
    address = sa.URL.create("sqlite", database=str(file))
    engine = sa.create_engine(address, hide_parameters=True, connect_args={"timeout": _SECONDS})

    @sa.event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _: object) -> None:
        # Who reads keeps nobody from writing; what is deleted is overwritten.
        _keep_a_log(connection)
        for setting in ("synchronous = NORMAL", "secure_delete = ON"):
            connection.execute(f"PRAGMA {setting}")

    return engine


def _keep_a_log(connection: sqlite3.Connection) -> None:
    """Have a database write ahead. SQLite itself doesn't wait for another who has it do so at the moment."""
    until = time.monotonic() + _SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(0.01)
        else:
            return


def _postgresql(address: str) -> sa.Engine:
    # Without the parameters, which are a visitor's words, in errors.
    try:
        url = sa.make_url(address)
        if url.drivername != "postgresql":
            raise ArgumentError("another kind of database")
        with needing("postgresql", "PARTNERBOT_RECORDS"):
            return sa.create_engine(
                url.set(drivername="postgresql+psycopg"),
                hide_parameters=True,
                pool_pre_ping=True,
                pool_timeout=_SECONDS,
                connect_args={"connect_timeout": _SECONDS},
            )
    except ArgumentError as error:
        raise ConfigurationError(
            "PARTNERBOT_RECORDS can't be used. Write postgresql://user:password@host/name"
        ) from error
