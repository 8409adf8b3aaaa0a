"""The mock engine: serves the services of any definitions and lets a tester do anything to them. Knows no API."""
