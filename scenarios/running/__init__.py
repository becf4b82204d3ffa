"""Running scenarios: through the logic in process, or through the whole system as processes."""
