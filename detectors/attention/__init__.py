"""Attention (注意力): which looks need the detector, and where. Entry point: :class:`attention.Attention`."""
