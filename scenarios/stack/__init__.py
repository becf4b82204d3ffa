"""The real stack on one machine: a broker on loopback and the same programs a city would run, as child processes."""
