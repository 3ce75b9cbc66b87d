"""What the warehouse is compared with: other ways from the same event files to the same answers."""
