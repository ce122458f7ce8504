"""Commands as a dataclass of options and a short function; the common options are added here."""

import dataclasses
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from common.samples import Kind
from ui import address, console
from ui.client import Client

T = TypeVar("T")


@dataclasses.dataclass(frozen=True, slots=True)
class Common:
    """What every command that asks a gateway understands."""

    gateway: Annotated[
        str, typer.Option(help="Address of the gateway, host:port.", show_default=False)
    ] = ""
    library: Annotated[
        Path | None, typer.Option(help="Library whose `semapix up` to ask.", show_default=False)
    ] = None
    json: Annotated[bool, typer.Option("--json", help="Print JSON to standard output.")] = False

    def client(self) -> Client:
        """Return a client of the gateway that the options name. Raises Unavailable."""
        return Client(address.gateway(self.gateway, self.library))

    def show(self, value: Any, human: Callable[[], None]) -> None:
        """Print `value` as JSON where that is asked for, else run `human`."""
        if self.json:
            console.print_json(value)
        else:
            human()


def command(
    app: typer.Typer, name: str, options: type[T]
) -> Callable[[Callable[[T, Common], None]], Callable[[T, Common], None]]:
    """Register a function as a command whose parameters are the fields of `options` and Common.

    A command with ten options would be a function of ten parameters otherwise.
    """

    def register(function: Callable[[T, Common], None]) -> Callable[[T, Common], None]:
        def run(**given: Any) -> None:
            _called(function, options, given)

        parameters = [*_parameters(options), *_parameters(Common)]
        app.command(name)(_with(parameters, run, function.__doc__))
        return function

    return register


def group_command(
    app: typer.Typer, options: type[T]
) -> Callable[[Callable[[T, Common], None]], Callable[[T, Common], None]]:
    """Register a function as what a group of commands does when none of them is named."""

    def register(function: Callable[[T, Common], None]) -> Callable[[T, Common], None]:
        def run(context: typer.Context, **given: Any) -> None:
            if context.invoked_subcommand is None:
                _called(function, options, given)

        own = inspect.Parameter("context", inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context)
        parameters = [own, *_parameters(options), *_parameters(Common)]
        app.callback(invoke_without_command=True)(_with(parameters, run, function.__doc__))
        return function

    return register


def _called(function: Callable[[T, Common], None], options: type[T], given: dict[str, Any]) -> None:
    shared = {field.name: given.pop(field.name) for field in dataclasses.fields(Common)}
    function(options(**given), Common(**shared))


def plain_command(
    app: typer.Typer, name: str, options: type[T]
) -> Callable[[Callable[[T], None]], Callable[[T], None]]:
    """Register a function as a command that asks no gateway, so without the common options."""

    def register(function: Callable[[T], None]) -> Callable[[T], None]:
        def run(**given: Any) -> None:
            function(options(**given))

        app.command(name)(_with(_parameters(options), run, function.__doc__))
        return function

    return register


def _with(
    parameters: list[inspect.Parameter], run: Callable[..., None], doc: str | None
) -> Callable[..., None]:
    """Return `run` with the signature that typer reads."""
    run.__doc__ = doc
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return run


def _parameters(options: type[Any]) -> list[inspect.Parameter]:
    return [
        inspect.Parameter(
            field.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=_default(field),
            annotation=field.type,
        )
        for field in dataclasses.fields(options)
    ]


def _default(field: "dataclasses.Field[Any]") -> Any:
    if field.default is not dataclasses.MISSING:
        return field.default
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    return inspect.Parameter.empty


def kinds(text: str) -> tuple[Kind, ...]:
    """Return the kinds of "person,animal". Raises BadParameter, listing the kinds there are."""
    return tuple(_kind(name) for name in text.split(",") if name.strip())


def weights(text: str) -> dict[Kind, float]:
    """Return the weights of "person=2,text=0". Raises BadParameter for one that is not so."""
    result: dict[Kind, float] = {}
    for part in filter(str.strip, text.split(",")):
        name, equals, number = part.partition("=")
        try:
            result[_kind(name)] = weight = float(number)
        except ValueError:
            weight = -1.0
        if not equals or not 0 <= weight < float("inf"):
            raise typer.BadParameter(f"{part.strip()!r} is not kind=number, as person=2")
    return result


def _kind(name: str) -> Kind:
    try:
        return Kind[name.strip().upper()]
    except KeyError:
        there_are = ", ".join(kind.name.lower() for kind in Kind)
        raise typer.BadParameter(f"{name.strip()!r} is not a kind: {there_are}") from None
