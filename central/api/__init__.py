"""The REST API, described by OpenAPI at ``/docs`` and ``/openapi.json``."""
