"""The edge node (program 1): wires ingest and detectors together; spool, evidence, health."""
