"""A small software renderer of streets: numpy and OpenCV only, with exact truth from an id buffer."""
