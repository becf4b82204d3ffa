"""The central service (program 2): wires ingest and alerts together; API, console, metrics."""
