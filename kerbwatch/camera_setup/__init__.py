"""``kerbwatch camera setup``: draw zones on a still, check ground points, take a valid ``[[camera]]`` block away."""
