"""Sensors at work in a node (传感器接入): configuration, one thread each, alarms with a picture, raw readings kept."""
