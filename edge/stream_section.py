"""``[camera.stream]``: how a camera is read, and ``[sources]``: where cameras may lead."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, field_validator

from ingest.cameras import (
    Address,
    AddressError,
    AddressKind,
    DecodeChoice,
    SourcePolicy,
    StreamOptions,
    TlsOptions,
    parse_address,
)
from ingest.cameras.policy import SCHEMES, check_host_pattern, scheme_of
from ingest.config import ConfigModel, Problem, resolve_existing


def _checked_sub_source(value: str | None) -> str | None:
    if value is not None and parse_address(value).kind not in (AddressKind.RTSP, AddressKind.HTTP):
        raise AddressError("a sub-stream is rtsp://, rtsps://, http:// or https://; give one of these")
    return value


class StreamSection(ConfigModel):
    """How a camera's stream is read; see :class:`ingest.cameras.StreamOptions`."""

    decode: DecodeChoice = DecodeChoice.AUTO
    sub_source: Annotated[str | None, Field(max_length=2000), AfterValidator(_checked_sub_source)] = None
    transport: Literal["tcp", "udp", "auto"] = "tcp"
    tls_verify: bool = True
    tls_ca_file: Annotated[Path, AfterValidator(resolve_existing)] | None = None
    max_megapixels: Annotated[float, Field(gt=0, le=64)] = 16.0

    def options(self) -> StreamOptions:
        """The same for the reader's side."""
        return StreamOptions(
            decode=self.decode,
            transport=self.transport,
            tls=TlsOptions(self.tls_verify, self.tls_ca_file),
            max_pixels=int(self.max_megapixels * 1_000_000),
        )

    def sub_stream(self) -> Address | None:
        """The checked sub-stream."""
        return None if self.sub_source is None else parse_address(self.sub_source)


class SourcesSection(ConfigModel):
    """``[sources]``: the allow-list of this node; see :class:`ingest.cameras.SourcePolicy`.

    It belongs to the file on the node: whoever may change cameras from afar may not widen it.
    """

    schemes: Annotated[tuple[str, ...], Field(min_length=1, max_length=len(SCHEMES))] = SCHEMES
    hosts: Annotated[tuple[str, ...], Field(min_length=1, max_length=1000)] | None = None
    link_local: bool = False

    @field_validator("schemes")
    @classmethod
    def _are_known(cls, schemes: tuple[str, ...]) -> tuple[str, ...]:
        for scheme in schemes:
            if scheme not in SCHEMES:
                raise ValueError(f"{scheme!r} is no scheme of cameras; give some of {', '.join(SCHEMES)}")
        return schemes

    @field_validator("hosts")
    @classmethod
    def _are_hosts(cls, hosts: tuple[str, ...] | None) -> tuple[str, ...] | None:
        return None if hosts is None else tuple(check_host_pattern(host) for host in hosts)

    def policy(self) -> SourcePolicy:
        """The same for the reader's side."""
        return SourcePolicy(frozenset(self.schemes), self.hosts, self.link_local)


def refused_sources(
    cameras: Iterable[tuple[str, Address]], policy: SourcePolicy, *, remote: bool = False
) -> list[Problem]:
    """Camera addresses that this node does not open, with the fix.

    Args:
        cameras: Field name and address, as ``("camera[0].source", ...)``.
        policy: The node's own allow-list.
        remote: They came over the network. Files, folders and USB devices of the node are then refused unless its
            ``sources.schemes`` names them outright: whoever sends a configuration must not read its disk.
    """
    problems = []
    for field, address in cameras:
        refusal = policy.refusal(address)
        local = scheme_of(address) in ("file", "usb")
        if refusal is None and remote and local and policy.schemes == frozenset(SCHEMES):
            refusal = (
                f"a remote configuration may not name {scheme_of(address)} sources; list it in sources.schemes"
            )
        if refusal is not None:
            problems.append(Problem(field, address.shown[:200], refusal))
    return problems
