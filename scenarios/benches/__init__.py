"""Measurements of cost on videos: what a part saves, and that it costs nothing in answers."""
