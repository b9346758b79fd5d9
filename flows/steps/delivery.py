"""Hand a message to a webhook or a command, in bounded time, without telling its secrets."""

import json
import logging
import os
import re
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

__all__ = ["DeliveryError", "Destination", "deliver"]

VARIABLE = re.compile(r"\$\{(\w+)\}")
GRACE_SECONDS = 2.0


class DeliveryError(Exception):
    """A message could not be delivered; the words hold no secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """Where messages go, and how long an attempt may take."""

    webhook: str
    headers: Mapping[str, str]
    command: Sequence[str]
    timeout_seconds: float
    apprise: Sequence[str] = ()


def deliver(channel: str, payload: str, destination: Destination) -> None:
    """Hand JSON to the webhook or the command, or its words to apprise.

    Raises `DeliveryError` with the reason.
    """
    if channel == "apprise":
        addresses = [fill_in(address) for address in destination.apprise]
        within(destination.timeout_seconds, lambda: notify(addresses, payload))
    elif channel == "webhook":
        address = fill_in(destination.webhook)
        headers = {name: fill_in(value) for name, value in destination.headers.items()}
        seconds = destination.timeout_seconds
        within(seconds, lambda: post(address, headers, payload, seconds))
    else:
        call(destination.command, payload, destination.timeout_seconds)


def fill_in(text: str) -> str:
    """Return a text with variables of the environment. Raises `DeliveryError` for a missing one."""

    def look_up(found: re.Match[str]) -> str:
        value = os.environ.get(found[1])
        if not value:
            raise DeliveryError(f"the environment has no variable {found[1]}")
        return value

    return VARIABLE.sub(look_up, text)


def within(seconds: float, work: Callable[[], None]) -> None:
    """Do something that may drag on, and give up after `seconds`.

    A time-out of the connection alone would not do: it begins anew with each byte of an answer.
    """
    outcome: list[BaseException | None] = []

    def attempt() -> None:
        try:
            work()
        except BaseException as error:  # handed over to the caller, whatever it is
            outcome.append(error)
        else:
            outcome.append(None)

    thread = threading.Thread(target=attempt, daemon=True)
    thread.start()
    thread.join(seconds + GRACE_SECONDS)
    if not outcome:
        raise DeliveryError(f"no answer within {seconds:g} seconds")
    if outcome[0] is not None:
        raise outcome[0]


def post(address: str, headers: Mapping[str, str], payload: str, seconds: float) -> None:
    """Send JSON by POST; an answer other than 2xx is a failure. Redirects are not followed."""
    import httpx  # noqa: PLC0415 - only runs with a webhook need it

    host = urlsplit(address).hostname or "the webhook"
    try:
        with httpx.stream(
            "POST",
            address,
            content=payload.encode(),
            headers={"User-Agent": "wirethread", "Content-Type": "application/json", **headers},
            timeout=seconds,
        ) as answer:
            status = answer.status_code
    except httpx.TimeoutException:
        raise DeliveryError(f"{host}: no answer within {seconds:g} seconds") from None
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError, ValueError) as error:
        raise DeliveryError(f"{host}: {type(error).__name__}") from None
    if not 200 <= status < 300:
        raise DeliveryError(f"{host}: answered with status {status}")


def notify(addresses: Sequence[str], payload: str) -> None:
    """Send the words of an alert to every address; one that fails is named by its kind alone."""
    import apprise  # noqa: PLC0415 - only runs with such addresses need it

    logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)  # its log quotes addresses
    alert = json.loads(payload)
    failed = []
    for address in addresses:
        service = apprise.Apprise()
        is_told = service.add(address) and service.notify(
            title=f"wirethread: {alert['rule']}", body=str(alert.get("text", ""))
        )
        if not is_told:
            failed.append(address.partition("://")[0][:40])
    if failed:
        raise DeliveryError(f"apprise: not delivered to {', '.join(failed)}")


def call(command: Sequence[str], payload: str, seconds: float) -> None:
    """Start a program with JSON on its standard input; what it leaves running is ended."""
    name = command[0]
    try:
        process = subprocess.Popen(  # noqa: S603 - the user named this program
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except OSError as error:
        raise DeliveryError(f"{name}: {error.strerror}") from None
    try:
        _, words = process.communicate(f"{payload}\n".encode(), timeout=seconds)
    except subprocess.TimeoutExpired:
        raise DeliveryError(f"{name}: not done within {seconds:g} seconds") from None
    finally:
        end_group(process)
    if process.returncode != 0:
        last = words.decode(errors="replace").strip().splitlines()[-1:] or ["no message"]
        raise DeliveryError(f"{name}: status {process.returncode}: {last[0][:200]}")


def end_group(process: "subprocess.Popen[bytes]") -> None:
    """Kill a program and its children, where they still run."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for stream in (process.stdin, process.stderr):
        if stream is not None:
            stream.close()
