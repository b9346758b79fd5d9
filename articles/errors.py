"""One family of errors: whatever wirethread raises on purpose is a `WirethreadError`."""

__all__ = [
    "ConfigError",
    "CorrectionError",
    "DamagedVectorsError",
    "ModelError",
    "NotFoundError",
    "RunInProgressError",
    "SourceError",
    "StorageError",
    "WirethreadError",
]


class WirethreadError(Exception):
    """A failure that can be told to a person in one sentence."""


class ConfigError(WirethreadError):
    """A setting is unknown, has the wrong type, or lies outside its bounds."""


class SourceError(WirethreadError):
    """A whole source cannot be read: it is missing, forbidden, binary or of an unknown format."""


class ModelError(WirethreadError):
    """A model is missing, damaged, or not the one that was asked for."""


class StorageError(WirethreadError):
    """The catalog or a vector segment is missing, damaged or of another version."""


class DamagedVectorsError(StorageError):
    """A file of vectors cannot be trusted: its texts must be embedded again."""

    def __init__(self, fault: str, segment_id: str) -> None:
        super().__init__(f"{fault}: the next run makes it again")
        self.fault = fault
        self.segment_id = segment_id


class RunInProgressError(StorageError):
    """Another run holds the data folder."""


class NotFoundError(WirethreadError):
    """No article, cluster or thread has the id that was asked for."""


class CorrectionError(WirethreadError):
    """A correction contradicts another one, or names an unknown article."""
