"""The catalogue of methods: every folder here is one, nothing else has to know of it.

Importing this module or a method's `spec` imports no training framework; only `build_model` does.
"""

import importlib
import math
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic import ValidationError
from pydantic.fields import FieldInfo

from ssl_core.errors import UserError
from ssl_core.methods.base import (
    HyperparameterInfo,
    Hyperparameters,
    ImageHyperparameters,
    MethodSpec,
    Task,
)

Kind = Literal["bool", "int", "float", "choice", "text"]
VALIDATION_SHARE = "validation_share"  # of the labels, and so nothing without any


@cache
def catalogue() -> dict[str, MethodSpec]:
    """Every method by name, in order of name. A folder that cannot be imported raises."""
    here = Path(__file__).parent
    folders = sorted(path.parent.name for path in here.glob("*/*.py"))
    return {name: _specification(name) for name in dict.fromkeys(folders)}


def _specification(name: str) -> MethodSpec:
    """The `SPEC` of one folder. Raises ImportError, AttributeError, ValueError."""
    spec: MethodSpec = importlib.import_module(f"{__name__}.{name}.spec").SPEC
    if spec.name != name:
        raise ValueError(f"methods/{name}/spec.py calls itself {spec.name!r}, expected {name!r}")
    return spec


def method_named(name: str) -> MethodSpec:
    """The method called `name`. Raises UserError where there is none."""
    try:
        return catalogue()[name]
    except KeyError:
        known = ", ".join(catalogue())
        raise UserError(f"There is no method {name[:60]!r}. Expected one of: {known}.") from None


def uses_items(name: str) -> bool:
    """Whether runs of a method look at items or labels; also of one that is here no more."""
    spec = catalogue().get(name)
    return spec is None or spec.needs.uses_items


@cache
def defaults_of(name: str) -> Mapping[str, bool | int | float | str]:
    """Every setting of a method with its default; nothing of a method that is here no more."""
    spec = catalogue().get(name)
    found = hyperparameters_of(spec.configuration) if spec else ()
    return {info.name: info.default for info in found}


def named_afterwards(name: str) -> bool:
    """Whether answers of a method get their classes after the training; False of one not here."""
    spec = catalogue().get(name)
    return spec is not None and spec.needs.named_afterwards


def reads_setting(name: str, setting: str) -> bool:
    """Whether runs of a method read one of its hyperparameters."""
    return setting != VALIDATION_SHARE or uses_items(name)


def settings_of(spec: MethodSpec) -> list[HyperparameterInfo]:
    """The hyperparameters of a method that its runs read."""
    described = hyperparameters_of(spec.configuration)
    return [info for info in described if reads_setting(spec.name, info.name)]


def hyperparameters_of(configuration: type[Hyperparameters]) -> list[HyperparameterInfo]:
    """Every field of a configuration, those of the method itself first, shared ones after."""
    fields = configuration.model_fields
    own = [name for name in fields if name not in ImageHyperparameters.model_fields]
    shared = [name for name in fields if name in Hyperparameters.model_fields]
    of_images = [name for name in fields if name not in own and name not in shared]
    return [_described(name, fields[name]) for name in own + of_images + shared]


def _described(name: str, field: FieldInfo) -> HyperparameterInfo:
    """One field as data for a widget or a table."""
    kind, choices = _kind_of(name, field.annotation)
    extra = field.json_schema_extra
    if not isinstance(extra, dict):
        raise TypeError(f"hyperparameter {name!r}: expected Annotated[..., about(...)]")
    about: dict[str, Any] = dict(extra)
    return HyperparameterInfo(
        name=name,
        kind=kind,
        default=field.default,
        minimum=about["minimum"],
        maximum=about["maximum"],
        choices=choices,
        unit=about["unit"],
        help=field.description or "",
        source=about["source"],
        advanced=about["advanced"],
    )


def _kind_of(name: str, annotation: object) -> tuple[Kind, tuple[str, ...]]:
    """The kind of widget for a type, with its choices. Raises TypeError for other types."""
    if get_origin(annotation) is Literal:
        return "choice", tuple(str(choice) for choice in get_args(annotation))
    plain: dict[object, Kind] = {bool: "bool", int: "int", float: "float", str: "text"}
    if annotation not in plain:
        raise TypeError(f"hyperparameter {name!r}: expected bool, int, float, str or Literal")
    return plain[annotation], ()


def validated(spec: MethodSpec, values: Mapping[str, object]) -> Hyperparameters:
    """The configuration of `spec` with `values` over its defaults.

    Values may be text, as typed on a command line. Raises UserError that names each wrong field,
    what was received and what was expected.
    """
    described = {info.name: info for info in hyperparameters_of(spec.configuration)}
    problems = [
        f"{name[:60]!r} is not a setting of {spec.name}; it has {', '.join(described)}"
        for name in values
        if name not in described
    ]
    problems += [
        _complaint(described[name], value)
        for name, value in values.items()
        if name in described and _not_a_number(value)
    ]
    if not problems:
        try:
            return spec.configuration.model_validate(dict(values))
        except ValidationError as error:
            for entry in error.errors():
                name = str(entry["loc"][0]) if entry["loc"] else ""
                reason = entry["msg"].removeprefix("Value error, ")
                if name not in described or name not in values:
                    problems.append(reason)
                elif entry["type"] == "value_error":  # the setting itself says what it expects
                    problems.append(f"{name}: {reason}")
                else:
                    problems.append(_complaint(described[name], values[name]))
    raise UserError("; ".join(problems) + ".")


def _not_a_number(value: object) -> bool:
    """Whether `value` is, or reads as, NaN or an infinity: no range check stops NaN."""
    if not isinstance(value, int | float | str):
        return False
    try:
        return not math.isfinite(float(value))
    except (ValueError, OverflowError):
        return False


def _complaint(info: HyperparameterInfo, value: object) -> str:
    """What was received for one setting and what was expected."""
    return f"{info.name}: received {str(value)[:60]!r}, expected {expectation(info)}"


def expectation(info: HyperparameterInfo) -> str:
    """What a value of this setting may be, for example "a whole number from 2 to 4096 images"."""
    if info.kind == "choice":
        return "one of " + ", ".join(info.choices)
    if info.kind == "bool":
        return "true or false"
    words = {"int": "a whole number", "float": "a number", "text": "text"}[info.kind]
    if info.minimum is not None and info.maximum is not None:
        words += f" from {info.minimum:g} to {info.maximum:g}"
    elif info.minimum is not None:
        words += f" of at least {info.minimum:g}"
    elif info.maximum is not None:
        words += f" of at most {info.maximum:g}"
    return f"{words} ({info.unit})" if info.unit else words


def build_model(name: str, configuration: Hyperparameters, task: Task) -> object:
    """The untrained model of a method. Imports Keras: for training processes only.

    Returns a MethodModel of the heavy half, which light code has no name for.
    """
    spec = method_named(name)
    module = importlib.import_module(f"{__name__}.{spec.name}.model")
    model: Any = module.build(configuration, task)
    model.named_afterwards = spec.needs.named_afterwards
    return model
