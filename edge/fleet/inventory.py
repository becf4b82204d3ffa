"""What a node is made of, gathered once when it starts (设备清单)."""

from __future__ import annotations

import os
import platform
from pathlib import Path

from edge.config import NodeConfig
from edge.fleet.overlay import fingerprint
from edge.software import software_version
from ingest.fleet import CameraInventory, Hardware, InstalledModel, Inventory
from models.card import ModelCard

_CPUINFO = Path("/proc/cpuinfo")
_BOARD = Path("/proc/device-tree/model")
_NAMES = ("model name", "Hardware", "Model", "CPU part")


def hardware() -> Hardware:
    """The machine, as far as it says so."""
    pages, size = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    return Hardware(
        machine=platform.machine()[:200],
        processor=_processor()[:200],
        cores=os.cpu_count() or 0,
        memory_bytes=max(0, pages * size),
        system=f"{platform.system()} {platform.release()}"[:200],
        python=platform.python_version()[:200],
    )


def inventory(config: NodeConfig, card: ModelCard, revision: int, machine: Hardware) -> Inventory:
    """For a status. Cameras are named by kind; their addresses may hold credentials and stay here."""
    return Inventory(
        software=software_version(),
        models=(InstalledModel(name=card.name, version=card.version[:200], sha256=card.sha256),),
        cameras=tuple(
            CameraInventory(name=camera.name, kind=camera.address.kind.value[:20], zones=len(camera.zones))
            for camera in config.cameras
        ),
        hardware=machine,
        config_revision=revision,
        config_sha256=fingerprint(config),
    )


def _processor() -> str:
    """A board's own name where it has one (ARM), else what the processor is called."""
    for path, find in ((_BOARD, lambda text: text), (_CPUINFO, _named)):
        try:
            text = find(path.read_text(encoding="utf-8", errors="replace"))
        except OSError:
            continue
        if text := text.strip("\0 \n"):
            return text
    return platform.processor() or "unknown"


def _named(cpuinfo: str) -> str:
    for line in cpuinfo.splitlines():
        name, _, value = line.partition(":")
        if name.strip() in _NAMES:
            return value.strip()
    return ""
