"""Frames to sightings, sightings to incidents."""
