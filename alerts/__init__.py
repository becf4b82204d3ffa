"""Incidents to cases: correlation, life cycle, storage."""
