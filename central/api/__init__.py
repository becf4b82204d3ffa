"""The REST API, described by OpenAPI at ``/openapi.json``."""
