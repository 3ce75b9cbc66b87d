"""The documentation site: static pages of the project's documents, its marts and dbt's own docs.

`python -m shoptrack.documentation` makes it in target/site. It opens from a folder or from any web
server, and asks no other address for anything.
"""
