"""``verify``: whether the data is what was written."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from sqlalchemy import Connection, inspect, select, text
from sqlalchemy.exc import SQLAlchemyError

from hall_server.admin.failure import Failure, need_database
from hall_server.admin.verify_queue import check_queue
from hall_server.service.retention import TRIMMED, tells
from hall_server.store.database import is_sqlite, look_engine, shown
from hall_server.store.journal import GENESIS, entry_hash
from hall_server.store.retention import read_anchor
from hall_server.store.schema import REVISION
from hall_server.store.sqlite import file_url
from hall_server.store.tables import journal, metadata

_SHOWN = 10
# Journal entries fetched at a time.
_PAGE = 1_000
_COLUMNS = [journal.c[name] for name in ("seq", "at", "type", "actor", "body", "hash")]
_ENTRIES = select(*_COLUMNS).order_by(journal.c.seq).execution_options(yield_per=_PAGE)


def verify(data_dir: Path) -> str:
    """Checks the hall's database. Raises Failure with what is wrong."""
    entries = check_url(need_database(data_dir))
    return f"完好：日志 {entries} 条，哈希链连续 / sound: {entries} journal entries, chain unbroken"


def check_database(path: Path) -> int:
    """Checks a SQLite file as ``check_url`` does. Raises Failure."""
    return check_url(file_url(path))


def check_url(url: str) -> int:
    """Checks a database: pages, constraints, schema, hash chain; returns how many entries the
    journal has. Raises Failure."""
    engine = look_engine(url)
    try:
        # Each check sees the same state, whatever a running server does meanwhile.
        with engine.begin() as connection:
            _need_this_schema(connection)
            problems = [
                *(_page_problems(connection) if is_sqlite(url) else _index_problems(connection)),
                *_schema_problems(connection),
            ]
            if problems:
                raise Failure(_listed("数据库已损坏", "the database is damaged", problems))
            entries = _check_chain(connection)
            if wrong := list(islice(check_queue(connection), _SHOWN + 1)):
                raise Failure(_listed("号码与日志不符", "tickets and journal differ", wrong))
            return entries
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).splitlines()[0]
        raise Failure(
            f"{shown(url)} 不是完好的数据库 / is not a sound database: {reason}"
        ) from None
    finally:
        engine.dispose()


def _page_problems(connection: Connection) -> Iterator[str]:
    """``integrity_check`` also covers NOT NULL, UNIQUE and CHECK."""
    for (line,) in connection.execute(text("PRAGMA integrity_check")):
        if line != "ok":
            yield line
    for row in connection.execute(text("PRAGMA foreign_key_check")):
        yield f"foreign key of {row[0]}, row {row[1]}"


def _index_problems(connection: Connection) -> Iterator[str]:
    """PostgreSQL checks its pages by itself; an index or a constraint may be switched off."""
    invalid = "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid ORDER BY 1"
    for (name,) in connection.execute(text(invalid)):
        yield f"index {name} is not valid"
    unchecked = "SELECT conname FROM pg_constraint WHERE NOT convalidated ORDER BY 1"
    for (name,) in connection.execute(text(unchecked)):
        yield f"constraint {name} is not valid"


def _need_this_schema(connection: Connection) -> None:
    """Raises Failure for another version's database, which need not be damaged."""
    if not inspect(connection).has_table("alembic_version"):
        raise Failure("不是叫号系统的数据库 / not a hall's database: no alembic_version")
    revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if revision != REVISION:
        raise Failure(
            f"数据库是 {revision} 版，本程序用 {REVISION} 版：旧版数据启动一次服务器就会升级，"
            f"新版数据请用新版程序 / the database has schema {revision}, this version {REVISION}: "
            "an older one is brought up when the server starts, a newer one needs the newer program"
        )


def _schema_problems(connection: Connection) -> Iterator[str]:
    look = inspect(connection)
    there = set(look.get_table_names())
    for table in metadata.sorted_tables:
        if table.name not in there:
            yield f"table {table.name} is missing"
            continue
        names = {index["name"] for index in look.get_indexes(table.name)}
        names |= {rule["name"] for rule in look.get_unique_constraints(table.name)}
        names |= {rule["name"] for rule in look.get_check_constraints(table.name)}
        names.add(look.get_pk_constraint(table.name)["name"])
        for kind, rules in (("index", table.indexes), ("constraint", table.constraints)):
            for name in sorted(str(rule.name) for rule in rules if rule.name not in names):
                yield f"{kind} {name} is missing"


def _check_chain(connection: Connection) -> int:
    anchor = read_anchor(connection)
    head = (anchor.seq, anchor.hash) if anchor is not None else (0, GENESIS)
    (removed, previous), told = head, anchor is None
    expected = removed
    with connection.execute(_ENTRIES) as rows:
        for seq, at, type_, actor, body, found in rows:
            expected += 1
            if seq != expected:
                raise Failure(
                    f"日志第 {expected} 条缺失（其后是 {seq}）/ "
                    f"journal entry {expected} is missing (the next is {seq})"
                )
            if entry_hash(previous, seq, at, type_, actor, body) != found:
                raise Failure(
                    f"日志第 {seq} 条与哈希链不符，此条或上一条被改动 / journal entry {seq} does "
                    "not fit the hash chain: it or the one before it was changed"
                )
            previous = found
            told = told or (type_ == TRIMMED and tells(body, *head))
    if not told:
        raise Failure(
            f"日志前 {removed} 条不是按保存期限删除的 / the first {removed} journal entries were "
            "not removed by the hall's retention"
        )
    return expected - removed


def _listed(zh: str, en: str, problems: list[str]) -> str:
    more = [f"… {len(problems) - _SHOWN} more"] if len(problems) > _SHOWN else []
    return "\n  ".join([f"{zh} / {en}:", *problems[:_SHOWN], *more])
