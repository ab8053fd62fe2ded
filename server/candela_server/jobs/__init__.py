"""Work that waits, runs, is watched and is stopped; free of any transport."""
