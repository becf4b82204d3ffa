"""Makers: a scenario becomes input for the system, with its truth."""
