"""``kerbwatch camera setup``: zones and ground points of a camera, drawn in the browser."""

from __future__ import annotations

import socket
from pathlib import Path

import click

from ingest.cameras import AddressError, SourceError, sanitise
from kerbwatch.camera_setup.page import Job
from kerbwatch.camera_setup.saving import TargetError, check_target
from kerbwatch.camera_setup.serve import HOST, serve
from kerbwatch.camera_setup.still import StillError, new_draft, take_still


@click.group("camera")
def camera() -> None:
    """Cameras of an edge node.

    \b
    Example:
      kerbwatch camera setup rtsp://10.0.0.7/main --out north.toml
    """


@camera.command("setup")
@click.argument("url")
@click.option("--out", type=click.Path(path_type=Path), help="File the page's Save button writes.")
@click.option("--force", is_flag=True, help="Let --out replace an existing file.")
@click.option("--port", type=click.IntRange(0, 65535), default=8090, show_default=True, help="0: any free one.")
@click.option("--no-browser", is_flag=True, help="Only print the address.")
@click.option("--timeout", type=click.FloatRange(1, 120), default=15.0, show_default=True, help="Seconds to wait.")
def setup(url: str, out: Path | None, force: bool, port: int, no_browser: bool, timeout: float) -> None:
    """Draw the zones of the camera at URL on a still and get its [[camera]] block.

    URL is a file, a folder of pictures, rtsp(s)://, http(s):// or usb:N.

    \b
    Examples:
      kerbwatch camera setup rtsp://10.0.0.7/main --out north.toml
      kerbwatch camera setup clips/junction.mp4 --no-browser
    """
    base_dir = (out.parent if out else Path()).resolve()
    try:
        if out:
            check_target(out, force=force)
        still = take_still(url, timeout)
        job = Job(new_draft(url, base_dir), still, sanitise(url), base_dir, out, force)
    except (TargetError, StillError) as error:
        raise click.ClickException(str(error)) from error
    except (AddressError, SourceError) as error:
        raise click.ClickException(f"{sanitise(url)}: {error}") from error
    serve(
        job, port=_free(port), browser=not no_browser, tell=lambda page: click.echo(f"set up the camera at {page}")
    )


def _free(port: int) -> int:
    """``port`` if it can be had, any free one for 0."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            message = f"--port {port}: is taken ({error.strerror}); give another, or 0 for any free one"
            raise click.ClickException(message) from error
        return int(probe.getsockname()[1])
