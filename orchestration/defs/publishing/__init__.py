"""The read-only copy of the marts for BI tools."""
