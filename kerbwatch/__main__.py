"""``python -m kerbwatch``: the same as the ``kerbwatch`` script."""

from kerbwatch.cli import main

main()
