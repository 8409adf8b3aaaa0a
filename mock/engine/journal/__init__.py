"""What a mock saw and said: kept within bounds, read, verified and exported."""
