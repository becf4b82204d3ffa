"""The prettier form of rendered streets: our shapes, drawn by Blender's Cycles as a street camera would see them.

Only ``blender`` imports ``bpy``, and it is run as a program of its own; the rest describes the job and reads pictures.
"""
