"""``kerbwatch central node-command``: tell nodes what to do and what to be, through a running centre's API."""

from __future__ import annotations

import json
import threading
import time
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import httpx

from central.config import CentralConfig
from central.fleet.model_files import ModelFiles
from ingest.config import is_loopback
from ingest.fleet import MAX_CARD_BYTES

TIMEOUT_S = 15.0
_POLL_S = 0.5
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


class Centre:
    """The API of a running centre, as its own configuration says where it is."""

    def __init__(self, config: CentralConfig, transport: httpx.BaseTransport | None = None) -> None:
        self.config = config
        http = config.http
        host = http.host if is_loopback(http.host) or not http.names else http.names[0]
        shown = f"[{host}]" if ":" in host else host
        token = http.token()
        # Its own certificate vouches for it: the command runs where the centre's files are.
        verify: Any = True
        if http.tls is not None and http.tls.ca_file is not None:
            verify = str(http.tls.ca_file)
        self._client = httpx.Client(
            base_url=f"{'https' if http.tls else 'http'}://{shown}:{http.port}/api/v1",
            headers={} if token is None else {"Authorization": f"Bearer {token}"},
            timeout=TIMEOUT_S,
            verify=verify,
            transport=transport,
            trust_env=False,
        )

    def close(self) -> None:
        """Let the connection go."""
        self._client.close()

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """The answer's JSON. Raises ClickException for anything but success."""
        try:
            answer = self._client.request(method, path, json=body)
            told = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise click.ClickException(
                f"the centre does not answer at {self._client.base_url}: {error}"
            ) from error
        if not answer.is_success:
            raise click.ClickException(f"{told.get('code', answer.status_code)}: {told.get('detail', told)}")
        assert isinstance(told, dict)
        return told


def _node(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    site, _, node = value.partition("/")
    if not site or not node or "/" in node:
        raise click.BadParameter("give SITE/NODE, for example xuhui/junction-17")
    return value


def _common(command: Callable[..., None]) -> Callable[..., None]:
    command = click.option("--by", "operator", required=True, envvar="KERBWATCH_OPERATOR", help="Who orders it.")(
        command
    )
    return click.argument("node", callback=_node)(command)


@click.group("node-command")
@click.pass_obj
def node_command(config: CentralConfig) -> None:
    """Tell a node to look again, send a picture or its log; set its configuration or model.

    \b
    Examples:
      kerbwatch central --config c.toml node-command look-again xuhui/junction-17 --by "Li Na"
      kerbwatch central --config c.toml node-command configure xuhui/junction-17 zones.toml --by "Li Na"
      kerbwatch central --config c.toml node-command show xuhui/junction-17
    """
    context = click.get_current_context()
    context.obj = Centre(config)
    context.call_on_close(context.obj.close)


def _order(name: str, kind: str, summary: str) -> None:
    @node_command.command(name, help=summary)
    @_common
    @click.option("--camera", help="Only this camera; all of the node's when absent.")
    @click.option("--valid", "valid_s", type=click.FloatRange(min=1), default=600.0, show_default=True)
    @click.option("--wait", "wait_s", type=click.FloatRange(min=0), default=60.0, show_default=True)
    @click.pass_obj
    def order(centre: Centre, node: str, operator: str, camera: str | None, valid_s: float, wait_s: float) -> None:
        body = {"operator": operator, "kind": kind, "camera": camera, "valid_s": valid_s}
        told = centre.ask("POST", f"/fleet/nodes/{node}/commands", body)
        pause, until = threading.Event(), time.monotonic() + wait_s
        while told["outcome"] == "waiting" and time.monotonic() < until:
            pause.wait(_POLL_S)
            told = centre.ask("GET", f"/fleet/commands/{told['id']}")
        click.echo(json.dumps(told, indent=2, ensure_ascii=False))
        if told["outcome"] not in ("done", "waiting"):
            raise click.exceptions.Exit(1)


_order("look-again", "look_again", "Have the cameras look now, over the whole picture.")
_order("snapshot", "snapshot", "Have the cameras send a picture, faces and plates covered.")
_order("collect-log", "collect_log", "Have the node send its newest log lines, without credentials.")


@node_command.command("configure")
@_common
@click.argument("file", type=_FILE)
@click.option("--expect", "expected", type=click.IntRange(min=0), help="Refuse if there is a newer revision.")
@click.pass_obj
def configure(centre: Centre, node: str, operator: str, file: Path, expected: int | None) -> None:
    """Lay the TOML (or JSON) FILE over the node's own file: [camera.NAME] tables with zones and look settings.

    An empty file takes everything back.
    """
    body = {"operator": operator, "document": _document(file), "expected_revision": expected}
    told = centre.ask("PUT", f"/fleet/nodes/{node}/config", body)
    click.echo(f"revision {told['revision']} is desired; see: node-command show {node}")


def _document(file: Path) -> dict[str, Any]:
    try:
        text = file.read_text(encoding="utf-8")
        raw = json.loads(text) if file.suffix == ".json" else tomllib.loads(text)
        # Dates and times of TOML travel as text.
        document = json.loads(json.dumps(raw, default=str))
    except (OSError, ValueError) as error:
        raise click.ClickException(f"{file}: {error}") from error
    if not isinstance(document, dict):
        raise click.ClickException(f"{file}: give tables")
    return document


@node_command.command("model-add")
@click.argument("card", type=_FILE)
@click.argument("weights", type=_FILE)
@click.pass_obj
def model_add(centre: Centre, card: Path, weights: Path) -> None:
    """Put a model's CARD (TOML) and WEIGHTS (.onnx) where nodes may fetch them. Run it on the centre's machine."""
    files = ModelFiles(centre.config.centre.data_dir / "models")
    try:
        content = card.read_bytes()
        told = tomllib.loads(content.decode("utf-8"))
        if len(content) > MAX_CARD_BYTES:
            raise ValueError(f"{card}: more than {MAX_CARD_BYTES} bytes; that is no card")
        weights_sha256 = files.add(weights.read_bytes())
        if told.get("sha256") != weights_sha256:
            raise ValueError(f"{card} is for weights {told.get('sha256')}, {weights} has {weights_sha256}")
        card_sha256 = files.add(content)
    except (OSError, ValueError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"card    {card_sha256}\nweights {weights_sha256}")


@node_command.command("roll-out")
@_common
@click.option("--card", "card_sha256", required=True, help="sha256 that model-add printed.")
@click.option("--weights", "weights_sha256", required=True, help="sha256 that model-add printed.")
@click.option("--looks", type=click.IntRange(1, 100_000), default=200, show_default=True)
@click.option("--max-failures", type=click.IntRange(0, 1000), default=0, show_default=True)
@click.option("--max-slowdown", type=click.FloatRange(0, 100, min_open=True), default=2.0, show_default=True)
@click.option("--max-disagreement", type=click.FloatRange(0, 1), default=0.5, show_default=True)
@click.pass_obj
def roll_out(
    centre: Centre,
    /,
    node: str,
    operator: str,
    card_sha256: str,
    weights_sha256: str,
    **canary: float,
) -> None:
    """Have a node try a model beside its own on some looks, and go over to it if they agree."""
    body = {
        "operator": operator,
        "card_sha256": card_sha256,
        "weights_sha256": weights_sha256,
        "canary": canary,
    }
    told = centre.ask("PUT", f"/fleet/nodes/{node}/model", body)
    click.echo(f"revision {told['revision']} is desired; see: node-command show {node}")


@node_command.command("file-model")
@_common
@click.pass_obj
def file_model(centre: Centre, node: str, operator: str) -> None:
    """Have a node go back to the model of its own file."""
    told = centre.ask("PUT", f"/fleet/nodes/{node}/model", {"operator": operator})
    click.echo(f"revision {told['revision']} is desired; see: node-command show {node}")


@node_command.command("show")
@click.argument("node", callback=_node)
@click.pass_obj
def show(centre: Centre, node: str) -> None:
    """Desired and reported configuration and model, and the newest commands, as JSON."""
    told = {kind: centre.ask("GET", f"/fleet/nodes/{node}/{kind}") for kind in ("config", "model")}
    told["commands"] = centre.ask("GET", f"/fleet/commands/of/{node}?limit=10")["commands"]
    click.echo(json.dumps(told, indent=2, ensure_ascii=False))


@node_command.command("key")
@click.pass_obj
def key(centre: Centre) -> None:
    """The centre's public key: a line of a node's [fleet] centre_key_file."""
    click.echo(centre.ask("GET", "/fleet/key")["public_key"])
