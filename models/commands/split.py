"""`kerbwatch models split`: the hold-out list, made again or checked."""

from __future__ import annotations

from pathlib import Path

import click

_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command(
    epilog="Examples: kerbwatch models split --data ~/data --check\n\nkerbwatch models split --data ~/data --out l.txt"
)
@click.option("--data", type=_FOLDER, required=True, help="Folder that holds vehicles_dhaka/train/images.")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="Where to write; default: the committed list."
)
@click.option("--check", is_flag=True, help="Write nothing; fail where the list in place is another.")
def split(data: Path, out: Path | None, check: bool) -> None:
    """Hold out a fifth of the street pictures, by clusters of look-alikes."""
    import numpy as np

    from models.training.folder import LabelError, pictures
    from models.training.holdout import DHAKA_LIST, choose, fingerprint, list_text

    target = out or DHAKA_LIST
    try:
        images = pictures(data / "vehicles_dhaka" / "train" / "images")
        held_out = choose([image.name for image in images], np.stack([fingerprint(image) for image in images]))
        text = list_text(held_out)
        if check and target.read_text(encoding="ascii") != text:
            raise click.ClickException(f"{target}: is not what these pictures give; make it again without --check")
        if not check:
            target.write_text(text, encoding="ascii")
    except (LabelError, OSError, UnicodeDecodeError) as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{target}: {len(held_out)} of {len(images)} pictures held out")
