"""What goes wrong when marts are published."""


class PublishError(RuntimeError):
    """Nothing was published and what was before stays; the message says why and what to do."""
