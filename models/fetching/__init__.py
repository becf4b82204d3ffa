"""Fetching known public weights by name: an index says where they lie and what they must be."""
