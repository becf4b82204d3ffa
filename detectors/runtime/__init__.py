"""Runs models: preparing pictures, engines, reading outputs. Entry point: `open_detector`."""

from detectors.runtime.opening import open_detector

__all__ = ["open_detector"]
