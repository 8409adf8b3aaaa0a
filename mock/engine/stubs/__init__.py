"""Stubs: which requests are meant, what is answered, and why a request was not meant. Knows no API."""
