"""The demo: broker, centre and two edge nodes in one command, on clips the project makes itself."""
