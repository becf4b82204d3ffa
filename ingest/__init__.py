"""Everything that turns the outside world into typed records: cameras, sensors, wire messages, the MQTT link."""
