"""Tells people when a run failed, a check began to fail or data is late."""
