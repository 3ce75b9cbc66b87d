"""Removes what old runs left behind."""
