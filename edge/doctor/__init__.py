"""``kerbwatch doctor``: what is wrong with a node, in plain words (体检)."""
