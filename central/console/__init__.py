"""The console: pages for duty operators, on the same web application as the API."""
