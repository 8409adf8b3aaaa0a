"""PostgreSQL for tests and for the farm: a real server from a locked wheel, without root and without installing."""
