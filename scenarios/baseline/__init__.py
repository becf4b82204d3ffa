"""What most would build first: detect, track, count dwell (对照基线). It stands beside Kerbwatch's figures."""
