"""shoptrack: an e-commerce tracking warehouse."""
