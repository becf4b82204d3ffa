"""``kerbwatch evaluate``: suites of scenarios through the system and the baseline, and what came of it, as figures."""
