"""What a real detector does wrong, measured on real clips, and streams of looks with the same errors."""
