"""Definitions by topic; `orchestration.definitions` puts them together."""
