"""A small TOML writer: what it writes, ``tomllib`` reads back equal.

A list that holds only tables becomes an array of tables; every other table is written inline.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TypeGuard

Value = str | bool | int | float | datetime | Sequence["Value"] | Mapping[str, "Value"]
Table = Mapping[str, Value]

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def write_toml(document: Table) -> str:
    """``document`` as TOML text.

    Raises:
        ValueError: A time without a zone, or a string that is not valid Unicode.
    """
    return "\n".join(_table(document, ())).lstrip("\n") + "\n"


def _table(table: Table, path: tuple[str, ...]) -> list[str]:
    lines = [f"{_key(key)} = {_value(value)}" for key, value in table.items() if not _is_tables(value)]
    for key, value in table.items():
        if _is_tables(value):
            here = (*path, _key(key))
            for item in value:
                lines += ["", f"[[{'.'.join(here)}]]", *_table(item, here)]
    return lines


def _is_tables(value: Value) -> TypeGuard[Sequence[Table]]:
    return isinstance(value, list | tuple) and bool(value) and all(isinstance(item, Mapping) for item in value)


def _value(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, datetime):
        return _instant(value)
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(key)} = {_value(item)}" for key, item in value.items()) + " }"
    return "[" + ", ".join(_value(item) for item in value) + "]"


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else _string(key)


def _string(text: str) -> str:
    text.encode("utf-8")  # raises on a lone surrogate, which no TOML file can hold
    # JSON's escapes are a subset of TOML's; DEL is the one control character JSON leaves bare.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _instant(at: datetime) -> str:
    if at.tzinfo is None:
        raise ValueError(f"{at.isoformat()} has no time zone; give UTC")
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
