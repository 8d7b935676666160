"""The SQLModel tables say what the migrations have built, for every workload."""

import importlib
import pkgutil
from collections.abc import Iterable, Iterator
from types import ModuleType

import pytest
from sqlalchemy import Table
from sqlalchemy.dialects import postgresql
from sqlmodel import SQLModel

import kit.tables
from kit.database import connect
from kit.embedded.workloads import workloads
from tests.conftest import Workload

COLUMNS = """SELECT c.table_schema || '.' || c.table_name AS "table", c.column_name AS name,
 format_type(a.atttypid, a.atttypmod) AS type, c.is_nullable = 'YES' AS nullable
 FROM information_schema.columns c JOIN pg_attribute a
 ON a.attrelid = format('%I.%I', c.table_schema, c.table_name)::regclass AND a.attname = c.column_name
 WHERE c.table_schema IN ('public', 'kit', 'log') AND c.table_name <> 'migration'"""
KEYS = """SELECT n.nspname || '.' || c.relname AS "table", a.attname AS name FROM pg_index i
 JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
 JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey)
 WHERE i.indisprimary AND n.nspname IN ('public', 'kit', 'log') AND c.relname <> 'migration'"""
SAME = {"varchar": "text", "timestamp with time zone": "timestamptz"}
"""A str of SQLModel is an unbounded varchar, which is text."""


def modules(package: str) -> Iterator[ModuleType]:
    """A package and everything below it."""
    root = importlib.import_module(package)
    yield root
    for found in pkgutil.walk_packages(root.__path__, package + "."):
        if not found.name.endswith("__main__"):
            yield importlib.import_module(found.name)


def declared(found: Iterable[ModuleType]) -> dict[str, Table]:
    """Tables of the SQLModel classes defined in modules, by schema and name."""
    tables: dict[str, Table] = {}
    for module in found:
        for value in vars(module).values():
            mine = (
                isinstance(value, type)
                and issubclass(value, SQLModel)
                and value.__module__ == module.__name__
            )
            if mine and hasattr(value, "__table__"):
                table: Table = value.__table__
                tables[f"{table.schema or 'public'}.{table.name}"] = table
    return tables


def shape(table: Table) -> dict[str, tuple[str, bool, bool]]:
    """Type, nullable and primary key of every column."""
    return {
        column.name: (
            _same(column.type.compile(postgresql.dialect()).lower()),  # type: ignore[no-untyped-call]
            bool(column.nullable),
            column.primary_key,
        )
        for column in table.columns
    }


def _same(name: str) -> str:
    return SAME.get(name, name)


@pytest.mark.parametrize("name", workloads())
async def test_classes_and_migrations_agree(workload: Workload, name: str) -> None:
    await workload(name)
    owner = await connect(name, "owner")
    columns, keys = await owner.fetch(COLUMNS), await owner.fetch(KEYS)
    await owner.close()
    primary = {(row["table"], row["name"]) for row in keys}
    built: dict[str, dict[str, tuple[str, bool, bool]]] = {}
    for row in columns:
        is_key = (row["table"], row["name"]) in primary
        built.setdefault(row["table"], {})[row["name"]] = (
            _same(row["type"]),
            row["nullable"],
            is_key,
        )
    package = {"log": "kit.log", "gateway": "gateway"}.get(name, f"services.{name}")
    tables = declared(modules(package)) | ({} if name == "log" else declared([kit.tables]))
    assert {table: shape(found) for table, found in tables.items()} == built
