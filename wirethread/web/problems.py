"""Errors in one shape: RFC 9457 problem details for programs, a page for people."""

from dataclasses import dataclass
from http import HTTPStatus

__all__ = ["Problem", "ProblemError"]


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
