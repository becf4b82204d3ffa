"""JSON Schema of every message, generated from the models of the wire contract."""

from __future__ import annotations

import json
from typing import Any

from ingest.messages import MODELS, SPOOLED, Data, Envelope, schema_urn


def schema_files() -> dict[str, str]:
    """File name -> text, one file per message type; the same text for the same models, always."""
    return {f"{model.TYPE}.json": _render(_schema_of(model)) for model in MODELS}


def _schema_of(model: type[Data]) -> dict[str, Any]:
    envelope = Envelope.model_json_schema()
    data = model.model_json_schema(ref_template="#/$defs/{model}")
    definitions = data.pop("$defs", {})
    properties = {**envelope["properties"], "data": data}
    properties["type"] = {"const": model.TYPE}
    properties["dataschema"] = {"const": schema_urn(model)}
    required = [*envelope["required"], "data"] + (["spoolid", "seq"] if issubclass(model, SPOOLED) else [])
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": schema_urn(model),
        "title": model.TYPE,
        "type": "object",
        "properties": properties,
        "required": required,
        "$defs": {**envelope.get("$defs", {}), **definitions},
    }


def _render(schema: dict[str, Any]) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
