"""What ends a request: an error in one shape (RFC 9457), or another address."""

from dataclasses import dataclass
from http import HTTPStatus

__all__ = ["MovedError", "Problem", "ProblemError"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What went wrong (RFC 9457)."""

    type: str
    """Address of the kind of problem in the help of the page."""
    title: str
    """The kind of problem in a few words."""
    status: int
    detail: str
    """What happened this time."""
    instance: str
    """Address that was asked."""


class ProblemError(Exception):
    """Ends a request with a problem."""

    def __init__(self, status: int, detail: str, *, headers: dict[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = headers or {}

    def describe(self, instance: str, root_path: str = "") -> Problem:
        """Return the problem as it is answered to whoever asked for `instance`."""
        return Problem(
            type=f"{root_path}/help#problem-{self.status}",
            title=HTTPStatus(self.status).phrase,
            status=self.status,
            detail=self.detail,
            instance=root_path + instance,
        )


class MovedError(Exception):
    """Ends a request with a redirect: the last part of the path is `new_id` from now on."""

    def __init__(self, old_id: str, new_id: str) -> None:
        super().__init__(f"{old_id} is {new_id} now")
        self.old_id = old_id
        self.new_id = new_id
