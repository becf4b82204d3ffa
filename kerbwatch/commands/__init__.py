"""One module per command; each is imported only when its command runs, so an edge box needs no web framework."""
