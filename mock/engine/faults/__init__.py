"""What goes wrong on purpose: which requests are struck, and what happens to their answers."""
