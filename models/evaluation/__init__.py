"""Measuring finished weights: per class and per source, with intervals, against yardsticks, under bad pictures."""
