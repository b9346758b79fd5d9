"""An address that leads on to another one for good."""

__all__ = ["MovedError"]


class MovedError(Exception):
    """Ends a request with a redirect: the last part of the path is `new_id` from now on."""

    def __init__(self, old_id: str, new_id: str) -> None:
        super().__init__(f"{old_id} is {new_id} now")
        self.old_id = old_id
        self.new_id = new_id
