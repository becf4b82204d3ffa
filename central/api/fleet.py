"""Fleet management over HTTP: desired states, commands, model files. The door has asked for the token already."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Body, Path, Query
from pydantic import BaseModel, Field
from starlette.responses import FileResponse, Response

from central.api.models import Problem
from central.fleet.desk import CommandView, FleetDesk
from central.fleet.model_files import ModelFiles
from central.problems import problem
from ingest.fleet import CanaryBounds, CommandKind

SiteName = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$", examples=["xuhui"])]
NodeName = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$", examples=["junction-17"])]
Digest = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$", description="sha256, lower-case hexadecimal")]
Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
By = Annotated[str, Field(min_length=1, max_length=80, examples=["Li Na"])]
Revision = Annotated[
    int | None, Field(ge=0, description="the newest one that was seen; 409 where there is a newer")
]

_ANSWERS: dict[int | str, dict[str, Any]] = {
    404: {"model": Problem},
    409: {"model": Problem},
    422: {"model": Problem},
}


class ConfigIn(BaseModel):
    """A desired configuration: what may be set from afar, laid over the node's own file."""

    operator: By
    document: dict[str, Any]
    expected_revision: Revision = None


class ModelIn(BaseModel):
    """A desired model by content; without hashes the model of the node's own file."""

    operator: By
    card_sha256: Hash | None = None
    weights_sha256: Hash | None = None
    canary: CanaryIn | None = None
    expected_revision: Revision = None


class CanaryIn(BaseModel):
    """How the new model is compared with the old one; see the wire contract."""

    looks: Annotated[int, Field(ge=1, le=100_000)] = 200
    max_failures: Annotated[int, Field(ge=0, le=1000)] = 0
    max_slowdown: Annotated[float, Field(gt=0, le=100)] = 2.0
    max_disagreement: Annotated[float, Field(ge=0, le=1)] = 0.5


class CommandIn(BaseModel):
    """A command; it is carried out once, within ``valid_s`` seconds."""

    operator: By
    kind: CommandKind
    camera: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")] | None = None
    valid_s: Annotated[float, Field(gt=0, le=7 * 86400)] = 600.0


class RevisionOut(BaseModel):
    """What was written down; whether the node has done it is told by its report."""

    revision: int


class StateOut(BaseModel):
    """Desired and reported state of one kind."""

    desired: dict[str, Any] | None
    reported: dict[str, Any] | None
    reported_at: datetime | None


class CommandOut(BaseModel):
    """A command; ``outcome`` is waiting, done, partly, failed, expired or lost."""

    id: UUID
    site: str
    node: str
    kind: str
    camera: str | None
    issued_by: str
    issued_at: datetime
    not_after: datetime
    outcome: str
    result: dict[str, Any] | None
    result_at: datetime | None


class CommandList(BaseModel):
    """A node's commands, newest first."""

    commands: list[CommandOut]


class KeyOut(BaseModel):
    """The centre's public key, base64: a line of a node's ``centre_key_file``."""

    public_key: str


def fleet_routes(desk: FleetDesk, models: ModelFiles, public_key: str, hurry: Callable[[], None]) -> APIRouter:
    """``/api/v1/fleet`` and ``/api/v1/models``. ``hurry``: called when there is something to send."""
    router = APIRouter(prefix="/api/v1", tags=["fleet"])
    _states(router, desk, hurry)
    _commands(router, desk, hurry)

    @router.get("/fleet/key")
    def key() -> KeyOut:
        """The key that nodes pin when they are enrolled."""
        return KeyOut(public_key=public_key)

    @router.get("/models/{sha256}", response_class=FileResponse, responses={404: {"model": Problem}})
    def get_model_file(sha256: Digest) -> Response:
        """A card's or a model's bytes, also from an offset on (Range)."""
        path = models.path(sha256)
        if not path.is_file():
            return problem(404, "not_found", "no such model file; add it with node-command model-add")
        return FileResponse(path, media_type="application/octet-stream")

    return router


def _states(router: APIRouter, desk: FleetDesk, hurry: Callable[[], None]) -> None:
    where = "/fleet/nodes/{site}/{node}"

    @router.get(where + "/{kind}", responses=_ANSWERS)
    def get_state(site: SiteName, node: NodeName, kind: Literal["config", "model"]) -> StateOut:
        """What the node is to be, and what it says it is."""
        view = desk.state(kind, site, node)
        return StateOut(desired=view.desired, reported=view.reported, reported_at=view.reported_at)

    @router.put(where + "/config", responses=_ANSWERS)
    def put_config(site: SiteName, node: NodeName, wanted: Annotated[ConfigIn, Body()]) -> RevisionOut:
        """Desire a configuration. The node checks it as a whole, runs it on probation, and reports."""
        revision = desk.desire_config(site, node, wanted.document, wanted.operator, wanted.expected_revision)
        hurry()
        return RevisionOut(revision=revision)

    @router.put(where + "/model", responses=_ANSWERS)
    def put_model(site: SiteName, node: NodeName, wanted: Annotated[ModelIn, Body()]) -> RevisionOut:
        """Desire a model. The node fetches it, runs it beside its own, and goes over or reports why not."""
        bounds = None if wanted.canary is None else CanaryBounds(**wanted.canary.model_dump())
        revision = desk.desire_model(
            site,
            node,
            wanted.card_sha256,
            wanted.weights_sha256,
            wanted.operator,
            bounds,
            wanted.expected_revision,
        )
        hurry()
        return RevisionOut(revision=revision)


def _commands(router: APIRouter, desk: FleetDesk, hurry: Callable[[], None]) -> None:
    where = "/fleet/nodes/{site}/{node}/commands"

    @router.post(where, status_code=202, responses=_ANSWERS)
    def post_command(site: SiteName, node: NodeName, wanted: Annotated[CommandIn, Body()]) -> CommandOut:
        """Tell a node to look again, to take a picture, or to send its newest log lines."""
        view = desk.command(site, node, wanted.kind, wanted.operator, camera=wanted.camera, valid_s=wanted.valid_s)
        hurry()
        return _out(view)

    # Under a name of its own: below nodes/ the last part names a kind of state.
    @router.get("/fleet/commands/of/{site}/{node}")
    def list_commands(
        site: SiteName, node: NodeName, limit: Annotated[int, Query(ge=1, le=500)] = 50
    ) -> CommandList:
        """A node's commands and what they came to."""
        return CommandList(commands=[_out(view) for view in desk.commands(site, node, limit)])

    @router.get("/fleet/commands/{command_id}", responses=_ANSWERS)
    def get_command(command_id: UUID) -> CommandOut:
        """One command and what it came to."""
        return _out(desk.get_command(command_id))


def _out(view: CommandView) -> CommandOut:
    return CommandOut(**{name: getattr(view, name) for name in CommandOut.model_fields})


ModelIn.model_rebuild()
