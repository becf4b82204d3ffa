"""A zone as a node's file writes it."""

from __future__ import annotations

from typing import Any

from ingest.zones import Zone


def zone_table(zone: Zone) -> dict[str, Any]:
    """A zone as ``[[camera.zone]]`` of a node's file; what is as by default is left out."""
    table = zone.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    table["rule"] = table.pop("rules", [])
    table["permit"] = table.pop("permits", [])
    return {key: value for key, value in table.items() if value != []}
