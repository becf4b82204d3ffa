"""``kerbwatch evidence``: open a sealed original with the authority's private key."""

from __future__ import annotations

import os
from pathlib import Path
from uuid import UUID

import click

from ingest.sealed import MAX_SEALED_BYTES, SealError, load_private_key, open_sealed

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group("evidence")
def evidence() -> None:
    """Original pictures that nodes sealed for the authority.

    \b
    Example:
      kerbwatch evidence open --key private.pem 3f0a....sealed --out original.jpg
    """


@evidence.command("open")
@click.argument("file", type=_FILE)
@click.option("--key", required=True, type=_FILE, help="The authority's private key (PEM, X25519).")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Default: FILE with the ending .jpg.")
@click.option("--incident", type=click.UUID, help="Refuse a picture of any other incident.")
@click.option("--password", is_flag=True, help="Ask for the password of the private key.")
def open_command(file: Path, key: Path, out: Path | None, incident: UUID | None, password: bool) -> None:
    """Open the sealed original FILE. An existing picture is never replaced."""
    secret = click.prompt("Password of the private key", hide_input=True).encode() if password else None
    target = out or file.with_suffix(".jpg")
    try:
        with file.open("rb") as source:
            data = source.read(MAX_SEALED_BYTES + 1)
        picture, facts = open_sealed(data, load_private_key(key.read_bytes(), secret), incident_id=incident)
        # Readable by nobody else, from its first byte on.
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as opened:
            opened.write(picture)
    except SealError as error:
        raise click.ClickException(f"{file}: {error}") from error
    except FileExistsError as error:
        raise click.ClickException(f"--out {target}: exists already; give another name") from error
    except OSError as error:
        raise click.ClickException(f"{error.filename or target}: {error.strerror}") from error
    click.echo(f"{target}: incident {facts.incident_id}, taken {facts.taken_at.isoformat()}")
