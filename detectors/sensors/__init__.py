"""Sensor thresholds (传感器阈值规则): a pure rule engine over readings."""
