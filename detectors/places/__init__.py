"""Place memory (位置记忆): which problems stand where, since when, and when they are over.

Pure core: no I/O, no clock, no OpenCV. Time, identifiers and looks are passed in.
"""
