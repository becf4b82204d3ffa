"""Effects: what weather, light, lens and mounting do to a picture.

Pure functions of a frame (H, W, 3) uint8 BGR, a strength 0..1 and, where something is random, a seed or generator:
the same arguments give the same picture. Strength 0 gives the frame back unchanged.
"""
