"""Which processes make up a library, where they listen, and what they are told."""

import importlib.util
import socket
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from common import errors, probe

HOST = "127.0.0.1"
DEFAULT_PORTS: Mapping[str, int] = {
    "gateway": 50050,
    "embedder": 50051,
    "detector": 50052,
    "index": 50053,
    "analysis": 50054,
    "web": 7860,
}
Probe = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class ServicePlan:
    """One process. Those of a lower `wave` pass `answers` before those of a higher one start."""

    name: str
    module: str
    address: str
    environment: Mapping[str, str]
    wave: int = 0
    answers: Probe = probe.is_serving


def services(
    library: Path, ports: Mapping[str, int], *, web: bool, model: str = ""
) -> tuple[ServicePlan, ...]:
    """Return the processes in the order they start; they stop in the reverse one.

    `model` is the encoder's, "" for that of the settings.
    """
    at = {name: f"{HOST}:{port}" for name, port in ports.items()}
    folder = library.absolute()
    backends = {"embedder": at["embedder"], "detector": at["detector"], "index": at["index"]}
    plans = [
        _plan("index", "index_service", at, folder=str(folder / "index")),
        _plan("embedder", "embedder_service", at, **({"model": model} if model else {})),
        _plan("detector", "detector_service", at),
        _plan("analysis", "analysis_service", at, folder=folder / "analyses", index=at["index"]),
        _plan("gateway", "gateway", at, folder=folder, analysis=at["analysis"], **backends),
    ]
    if web and has_web():
        plans.append(_plan("web", "ui.web", at, gateway=at["gateway"]))
    return tuple(plans)


def embedder(model: str, name: str) -> ServicePlan:
    """Return an embedder of `model` under a name of its own, on a port that is free now."""
    with socket.socket() as free:
        free.bind((HOST, 0))
        at = {"embedder": f"{HOST}:{free.getsockname()[1]}"}
    return replace(_plan("embedder", "embedder_service", at, model=model), name=name)


def _plan(name: str, module: str, at: Mapping[str, str], **settings: object) -> ServicePlan:
    given = {"address": at[name], **settings}
    return ServicePlan(
        name=name,
        module=module,
        address=at[name],
        environment={f"SEMAPIX_{name}_{field}".upper(): str(v) for field, v in given.items()},
        wave={"gateway": 1, "web": 2}.get(name, 0),
        answers=probe.answers_http if name == "web" else probe.is_serving,
    )


def has_web() -> bool:
    """Return whether the web page is part of this installation."""
    try:
        return importlib.util.find_spec("ui.web.__main__") is not None
    except ModuleNotFoundError:
        return False


def ports(base: int | None, named: Iterable[str]) -> dict[str, int]:
    """Return the port of each process: the defaults, or counted from `base`, then NAME=PORT.

    Raises InvalidInput for a name or port that there is not.
    """
    names = list(DEFAULT_PORTS)
    chosen = dict(DEFAULT_PORTS) if base is None else {n: base + i for i, n in enumerate(names)}
    for text in named:
        name, _, port = text.partition("=")
        if name not in chosen or not port.isdigit():
            raise errors.InvalidInput("port", f"{text!r} is not NAME=PORT, of {', '.join(names)}")
        chosen[name] = int(port)
    bad = next((port for port in chosen.values() if not 1 <= port <= 65535), None)
    if bad is not None:
        raise errors.InvalidInput("port", f"{bad} is not between 1 and 65535")
    return chosen


def free_ports() -> dict[str, int]:
    """Return ports that nobody listens on now, all different."""
    with ExitStack() as stack:
        sockets = {name: stack.enter_context(socket.socket()) for name in DEFAULT_PORTS}
        for one in sockets.values():
            one.bind((HOST, 0))
        return {name: one.getsockname()[1] for name, one in sockets.items()}


def refuse_taken(plans: Iterable[ServicePlan]) -> None:
    """Raise Mismatch, naming the first service whose port somebody else listens on."""
    for plan in plans:
        host, _, port = plan.address.rpartition(":")
        with socket.socket() as attempt:
            attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                attempt.bind((host, int(port)))
            except OSError:
                raise errors.Mismatch(
                    f"port {port} for {plan.name} is taken: stop what listens there, or choose "
                    f"another with --port {plan.name}=PORT, --port-base or --free-ports"
                ) from None
