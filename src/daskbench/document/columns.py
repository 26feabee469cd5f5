"""Columns by what users call them: their names, or their titles."""

from collections.abc import Iterable, Sequence
from typing import Any

from daskbench.document import Column, Document


def is_named(column: Column[Any], name: str) -> bool:
    """Whether this is the name of a column, or its title; case does not matter."""
    return name.casefold() in (column.name.casefold(), column.title.casefold())


def unknown(names: Iterable[str], columns: Sequence[Column[Any]]) -> list[str]:
    """Return the names that no column has."""
    return [name for name in names if not any(is_named(one, name) for one in columns)]


def columns_of_document(document: Document) -> list[Column[Any]]:
    """Return the columns of all tables of a document."""
    sections = [section for chapter in document.chapters for section in chapter.sections]
    tables = [table for section in sections for table in section.tables]
    return [column for table in tables for column in table.columns]
