"""The connection to the case database.

SQLite runs in WAL with synchronous=FULL, and every writing transaction begins IMMEDIATE, so that writers queue up
instead of failing half-way; within this program they queue in order of arrival, so that an operator's decision waits
for one batch of intake and not for the whole backlog. On PostgreSQL the same calls are plain transactions.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib.resources import files

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import TimeoutError as SaTimeoutError
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from alerts.storage.turns import Turns

BUSY_TIMEOUT_S = 30
"""How long a SQLite writer waits for another before the statement fails and the caller retries."""

_READING = {"kerbwatch_reading": True}


class Database:
    """A migrated case database. Thread-safe; sessions are not."""

    def __init__(self, url: str) -> None:
        """Connect to ``url`` (SQLAlchemy form) and bring its tables up to date.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: The database cannot be reached or migrated.
        """
        self.engine = _engine(url)
        self._reading = self.engine.execution_options(**_READING)
        self._turns = Turns() if self.engine.dialect.name == "sqlite" else None
        self._migrate()

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session in one writing transaction: committed at the end, rolled back on any exception.

        Raises:
            sqlalchemy.exc.TimeoutError: Others kept SQLite for themselves too long.
        """
        with self._turn(), Session(self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session in one reading transaction: a consistent snapshot that blocks no writer."""
        with Session(self._reading, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if self._turns is None:
            yield
            return
        with ExitStack() as held:
            try:
                held.enter_context(self._turns.turn(BUSY_TIMEOUT_S))
            except TimeoutError as error:
                raise SaTimeoutError(str(error)) from error
            yield

    def close(self) -> None:
        """Release every connection."""
        self.engine.dispose()

    def _migrate(self) -> None:
        config = Config()
        config.set_main_option("script_location", str(files("alerts").joinpath("migrations")).replace("%", "%%"))
        config.set_main_option("path_separator", "os")
        with self.engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")


def _engine(url: str) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return create_engine(parsed, pool_pre_ping=True)
    engine = create_engine(parsed, connect_args={"timeout": BUSY_TIMEOUT_S})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    # The driver's own implicit BEGIN is switched off; _begin_sqlite says it instead.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    reading = connection.get_execution_options().get("kerbwatch_reading", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
