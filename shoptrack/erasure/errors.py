"""Why a person cannot be erased."""


class ErasureError(RuntimeError):
    """Nothing, or not everything, was erased; the message says what to do."""
