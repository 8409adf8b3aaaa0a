"""From declarations to the IR, one pass a file; findings are collected, never raised, so that one run shows all."""
