"""Why a file is refused."""


class RefusedFileError(ValueError):
    """A file that does not fit; the message says where, why and what to do. Nothing was landed."""
