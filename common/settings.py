"""Settings: a frozen dataclass filled once from semapix.toml and SEMAPIX_* variables."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

T = TypeVar("T")
FILE_VARIABLE = "SEMAPIX_CONFIG"
DEFAULT_FILE = "semapix.toml"
_WORDS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


def load(cls: type[T], section: str, environ: Mapping[str, str] = os.environ) -> T:
    """Return `cls` with the values of `[section]` in the file, overridden by the environment.

    The variable of a field is SEMAPIX_<SECTION>_<FIELD>. Fields are str, int, float, bool or Path.
    Raises ValueError, naming the setting, for a value that cannot be read or a key that is unknown.
    """
    hints = get_type_hints(cls)
    names = [field.name for field in fields(cls)]  # type: ignore[arg-type]
    given = {**_from_file(section, environ), **_from_environ(section, names, environ)}
    unknown = sorted(set(given) - set(names))
    if unknown:
        raise ValueError(f"[{section}] has no setting {unknown[0]!r}; there are {', '.join(names)}")
    return cls(
        **{name: _cast(f"{section}.{name}", value, hints[name]) for name, value in given.items()}
    )


def _from_file(section: str, environ: Mapping[str, str]) -> dict[str, Any]:
    named = environ.get(FILE_VARIABLE)
    path = Path(named or DEFAULT_FILE)
    if not named and not path.is_file():
        return {}
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8")).get(section, {})
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise ValueError(f"settings file {path}: {error}") from error
    return dict(table)


def _from_environ(section: str, names: list[str], environ: Mapping[str, str]) -> dict[str, str]:
    variables = {name: f"SEMAPIX_{section}_{name}".upper() for name in names}
    return {name: environ[variable] for name, variable in variables.items() if variable in environ}


def _cast(name: str, value: Any, kind: Any) -> Any:
    try:
        if kind is bool:
            return value if isinstance(value, bool) else _WORDS[str(value).lower()]
        return kind(value)
    except (KeyError, TypeError, ValueError):
        raise ValueError(f"{name} = {value!r} is not a valid {kind.__name__}") from None
