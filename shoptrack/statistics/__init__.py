"""Statistics that SQL cannot express: pure functions that dbt's Python models call.

They take and give Arrow tables or NumPy arrays, read no clock and draw no random numbers, so that
the same rows always give the same result.
"""
