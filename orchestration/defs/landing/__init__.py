"""Raw tables: files that lie in the inbox are landed, and judged by their age and columns."""
