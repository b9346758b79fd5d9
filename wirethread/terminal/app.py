"""What all commands look like: `-h`, groups, examples under the options, no types beside flags."""

import re
from collections.abc import Callable
from difflib import get_close_matches
from functools import partial
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from wirethread.storage.shared_address import refuse_shared
from wirethread.terminal.examples import EXAMPLES, GROUPS

__all__ = ["EXIT_UNREAD", "App"]

EXIT_UNREAD = 141
"""As a shell says of a program that wrote into a pipe which nobody reads: 128 and SIGPIPE."""
HELP_OPTIONS = ["-h", "--help"]
_NO_CHOICE = re.compile(r"'(?P<word>.*)' is not one of (?P<choices>'.*')\.", re.DOTALL)
_NO_NUMBER = ", unable to parse string as an integer"
READERS = frozenset(
    {
        "article",
        "copied",
        "duplicates",
        "explain",
        "export",
        "list",
        "mcp",
        "metrics",
        "outdated",
        "plot",
        "serve",
        "similar",
        "sources",
        "sql",
        "status",
        "stories",
        "story",
        "wire",
    }
)
"""Commands that a shared archive answers; `list` is that of `correct`."""


TYPE_WORDS = {
    "<str>": "<text>",
    "<list[str]>": "<text>",
    "<int>": "<number>",
    "<int range>": "<number>",
    "<float>": "<number>",
    "<float range>": "<number>",
}
"""What help says in the place of Python's names of types."""


def name_types(parameters: list[Any]) -> list[Any]:
    """Return the parameters; beside a flag stands no type, beside others no name of Python's."""
    for parameter in parameters:
        if getattr(parameter, "is_flag", False):
            parameter.metavar = ""
        elif hasattr(parameter, "display_type_rich") and not hasattr(parameter, "told_type"):
            parameter.told_type = parameter.display_type_rich
            parameter.display_type_rich = partial(tell_type, parameter.told_type)
    return parameters


def tell_type(told_type: Callable[[Any], str | None], ctx: Any) -> str | None:
    """Return what help shows of a type."""
    told = told_type(ctx)
    return None if told is None else TYPE_WORDS.get(told, told)


class Command(TyperCommand):
    """A command whose help names types in plain words."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Return the parameters with that of the help."""
        return name_types(super().get_params(ctx))

    def parse_args(self, ctx: Any, args: list[str]) -> Any:
        """Read the arguments; of a word that is no choice the nearest choice is named."""
        try:
            return super().parse_args(ctx, args)
        except typer.BadParameter as error:
            error.message = tell_choice(error.message)
            raise

    def invoke(self, ctx: Any) -> Any:
        """Run the command; one that writes refuses a shared archive in the place of its folder."""
        data = ctx.params.get("data")
        if data is not None and self.name not in READERS:
            refuse_shared(data)
        return super().invoke(ctx)


def tell_choice(message: str) -> str:
    """Return what is said of a word that is no choice, without the words of pydantic."""
    message = message.removeprefix("Value error, ").replace("Input should be", "It should be")
    message = message.removesuffix(_NO_NUMBER)
    if found := _NO_CHOICE.fullmatch(message):
        choices = re.findall(r"'([^']*)'", found["choices"])
        near = get_close_matches(found["word"].lower(), choices, n=1)
        if near:
            return f"{message.rstrip('.')}; did you mean {near[0]!r}?"
    return message


class Group(TyperGroup):
    """A group of commands whose help names types in plain words."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Return the parameters with that of the help."""
        return name_types(super().get_params(ctx))

    def invoke(self, ctx: Any) -> Any:
        """Run a command; where nobody reads its answer any more it ends as other programs do."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise typer.Exit(EXIT_UNREAD) from None


class App(typer.Typer):
    """Commands in the house's manner; their groups and examples stand in `examples.py`.

    `within` is the name of the command that these belong to.
    """

    def __init__(self, *, within: str = "", **settings: Any) -> None:
        self._within = within
        super().__init__(
            cls=Group,
            no_args_is_help=True,
            pretty_exceptions_enable=False,
            context_settings={"help_option_names": HELP_OPTIONS},
            **settings,
        )

    def command(self, name: str | None = None, **settings: Any) -> Callable[[Any], Any]:
        """Add a command under its own name or another."""

        def add(work: Callable[..., Any]) -> Any:
            named = f"{self._within} {name or work.__name__.replace('_', '-')}".strip()
            settings.setdefault("rich_help_panel", GROUPS.get(named))
            settings.setdefault("epilog", show_examples(named))
            return super(App, self).command(name, cls=Command, **settings)(work)

        return add

    def add_typer(self, typer_instance: typer.Typer, **settings: Any) -> None:
        """Add a group of commands."""
        named = settings.get("name") or ""
        settings.setdefault("rich_help_panel", GROUPS.get(named))
        settings.setdefault("epilog", show_examples(named))
        super().add_typer(typer_instance, **settings)


def show_examples(name: str) -> str | None:
    """Return the examples of a command, a line each, None where it has none."""
    examples = EXAMPLES.get(name)
    return "\n\n".join(["Examples:", *(f"  {one}" for one in examples)]) if examples else None
