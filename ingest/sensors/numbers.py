"""Numbers in foreign JSON: found by a pointer, read strictly. Everything here is hostile."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import from_json

MOST_BYTES = 64 * 1024
"""A reading is some hundred bytes; what is larger is no reading."""
_MOST_DIGITS = 40
_STEPS = 32
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?")
_INDEX = re.compile(r"0|[1-9]\d{0,5}")


class NotANumberError(ValueError):
    """There is no number where one was looked for; the message says what is there, cut short."""


def checked_pointer(text: str) -> str:
    """``text`` where it is a JSON pointer (RFC 6901). Raises ValueError."""
    if text and not text.startswith("/"):
        raise ValueError(f'{text!r} is no JSON pointer; write "/data/pm25" or, of a list, "/values/0"')
    if re.search(r"~(?![01])", text):
        raise ValueError(f'{text!r}: write "~0" for ~ and "~1" for / inside a key')
    if text.count("/") > _STEPS:
        raise ValueError(f"more than {_STEPS} steps; no device nests its value so deep")
    return text


Pointer = Annotated[str, Field(max_length=500), AfterValidator(checked_pointer)]
"""A JSON pointer; "" is the whole payload."""


def decode(payload: bytes) -> object:
    """The JSON value. Raises NotANumberError for what is too large, no JSON, or nested too deep."""
    if len(payload) > MOST_BYTES:
        raise NotANumberError(f"{len(payload)} bytes; {MOST_BYTES} are the most")
    try:
        return from_json(payload, allow_inf_nan=False)
    except ValueError as error:
        raise NotANumberError(f"no JSON: {str(error)[:100]}") from error


def find(document: object, pointer: str) -> object:
    """What the pointer leads to. Raises NotANumberError naming the step that leads nowhere."""
    here = document
    for step in pointer.split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        if isinstance(here, dict) and key in here:
            here = here[key]
        elif isinstance(here, list) and _INDEX.fullmatch(key) and int(key) < len(here):
            here = here[int(key)]
        else:
            raise NotANumberError(f"nothing at {key!r} of {pointer!r}")
    return here


def number(found: object, words: Mapping[str, float]) -> float:
    """A number, a number in a string, a truth value (1 or 0), or a word of ``words`` (in lower case).

    Raises NotANumberError for everything else. May be infinite, where so many digits stand.
    """
    if isinstance(found, bool):
        return float(found)
    if isinstance(found, int | float):
        try:
            return float(found)
        except OverflowError as error:
            raise NotANumberError("an integer of hundreds of digits") from error
    if isinstance(found, str):
        text = found.strip()
        if text.lower() in words:
            return words[text.lower()]
        if len(text) <= _MOST_DIGITS and _NUMBER.fullmatch(text):
            return float(text)
    raise NotANumberError(f"{repr(found)[:60]} is no number")
