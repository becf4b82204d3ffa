"""The command line: each command calls a room of the house."""

__version__ = "0.1.0"
