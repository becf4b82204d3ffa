"""The queue's keyboard: from a key to what the operator means by it (pure)."""

from __future__ import annotations

from enum import Enum

from alerts.lifecycle import DismissalReason


class Command(Enum):
    """What a key asks for."""

    NEXT = "next"
    PREVIOUS = "previous"
    CONFIRM = "confirm"
    CHOOSE_REASON = "choose reason"
    CANCEL = "cancel"
    BEFORE = "before"
    CLOSE_UP = "close-up"
    LAST_ACTION = "last action"
    HELP = "help"


_COMMANDS = {
    "j": Command.NEXT,
    "ArrowDown": Command.NEXT,
    "k": Command.PREVIOUS,
    "ArrowUp": Command.PREVIOUS,
    "f": Command.CONFIRM,
    "Enter": Command.CONFIRM,
    "d": Command.CHOOSE_REASON,
    "Escape": Command.CANCEL,
    "b": Command.BEFORE,
    "c": Command.CLOSE_UP,
    "u": Command.LAST_ACTION,
    "?": Command.HELP,
}
_REPEATABLE = (Command.NEXT, Command.PREVIOUS)
REASON_KEYS = {str(number): reason for number, reason in enumerate(DismissalReason, start=1)}
HELP = (
    ("J / ↓", "next case 下一件"),
    ("K / ↑", "previous case 上一件"),
    ("F / Enter", "confirm: file the case 立案"),
    ("D, then 1-4", "dismiss with a reason 作废"),
    ("Esc", "cancel 取消"),
    ("B", "switch between before and now 前后对比"),
    ("C", "switch between close-up and whole frame 特写"),
    ("U", "show the last action 上一操作"),
    ("?", "this help 帮助"),
)


def command_for(
    key: str, *, choosing: bool, modified: bool = False, repeat: bool = False
) -> Command | DismissalReason | None:
    """What ``key`` means.

    Args:
        key: The browser's name of the key.
        choosing: The reasons of a dismissal are on show; only then do digits mean anything, and confirming is off.
        modified: Ctrl, Alt or Meta is held: the browser's own shortcut, never ours.
        repeat: The key is held down; only moving repeats, so a held key never decides twice.
    """
    if modified:
        return None
    if choosing and key in REASON_KEYS and not repeat:
        return REASON_KEYS[key]
    command = _COMMANDS.get(key if len(key) > 1 else key.lower())
    if command is Command.CONFIRM and choosing:
        return None
    if repeat and command not in _REPEATABLE:
        return None
    return command
