"""A real server behind the mock, and what it said as a scenario."""
