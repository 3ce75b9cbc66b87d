"""What people look at: dashboards over the published copy of the marts."""
