"""Jobs that bring the warehouse up to date, and when they run."""
