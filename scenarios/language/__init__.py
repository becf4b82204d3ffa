"""The scenario language (场景语言), format v1: a street, what happens on it, and what is true.

A file says nothing about how it is drawn: the same scenario can become detections, composed pictures or a rendered
clip. ``docs/scenarios.md`` explains every field with examples.
"""
