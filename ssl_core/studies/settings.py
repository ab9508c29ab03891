"""What a person chooses for a study, with the settings of each method that takes part."""

import hashlib
from collections.abc import Mapping, Sequence

from pydantic import BaseModel, ConfigDict

from ssl_core.errors import UserError
from ssl_core.labels.given import LabelKind
from ssl_core.methods import method_named, settings_of, validated

Value = bool | int | float | str
STEPS = "steps"  # told beside the hyperparameters of a method, though it is none of them
_BASELINE = "supervised"  # learns from the labels alone


class StudySettings(BaseModel):
    """What a person chooses. The baseline takes part whether or not it is among the methods."""

    model_config = ConfigDict(frozen=True)
    dataset: str
    kind: LabelKind = "reference"
    methods: tuple[str, ...]
    budgets: tuple[int, ...]  # labels to train and validate on
    draws: int = 3  # other choices of the labels
    seeds: tuple[int, ...] = (0,)  # runs on the same labels
    steps: int = 1000
    device: str = "cpu"
    ceiling: bool = False  # the baseline on all reference labels beside, once for each seed
    configurations: dict[str, dict[str, Value]] = {}  # by method, what differs from its defaults
    own_steps: dict[str, int] = {}  # by method, where it trains for another number than `steps`

    @property
    def baseline(self) -> str:
        """What a study is read against: supervised training, on texts the first method chosen."""
        texts = bool(self.methods) and method_named(self.methods[0]).needs.item == "text"
        return self.methods[0] if texts else _BASELINE

    @property
    def all_methods(self) -> tuple[str, ...]:
        """The baseline first, each method once."""
        return tuple(dict.fromkeys((self.baseline, *self.methods)))

    @property
    def name(self) -> str:
        """A name for a study with these settings, the same for the same settings.

        Default settings are not part of it: studies from before they could be chosen keep theirs.
        """
        unset = {name for name in ("configurations", "own_steps") if not getattr(self, name)}
        digest = hashlib.sha256(self.model_dump_json(exclude=unset).encode()).hexdigest()[:6]
        return f"{self.dataset[:60].rstrip('-_')}-{digest}"

    def steps_of(self, method: str) -> int:
        """How many steps the runs of a method train."""
        return self.own_steps.get(method, self.steps)

    def changes_of(self, method: str) -> dict[str, Value]:
        """What a method has other than its defaults and the steps of the study; steps first."""
        steps = {STEPS: self.own_steps[method]} if method in self.own_steps else {}
        return {**steps, **self.configurations.get(method, {})}

    def in_order(self) -> "StudySettings":
        """The same, with text read as the value it means and without what is the default anyway.

        Raises UserError that names each setting that a method does not have or allow.
        """
        found = {
            method: _differing(method, self.configurations[method])
            for method in sorted(self.configurations)
        }
        own_steps = {
            method: self.own_steps[method]
            for method in sorted(self.own_steps)
            if self.own_steps[method] != self.steps
        }
        configurations = {method: values for method, values in found.items() if values}
        return self.model_copy(update={"configurations": configurations, "own_steps": own_steps})


def _differing(method: str, values: Mapping[str, Value]) -> dict[str, Value]:
    """Which of the values differ from the defaults of the method, in its own order."""
    spec = method_named(method)
    try:
        read = validated(spec, values).model_dump()
    except UserError as error:
        raise UserError(f"Settings of {spec.title}: {error}") from error
    return {
        info.name: read[info.name]
        for info in settings_of(spec)
        if info.name in values and read[info.name] != info.default
    }


def settings_from_text(
    pairs: Sequence[str], methods: Sequence[str]
) -> tuple[dict[str, dict[str, Value]], dict[str, int]]:
    """From ["fixmatch.threshold=0.9", "fixmatch.steps=600", "backbone=vgg-f"].

    Without a method the setting is for all of `methods` that have it. Returns configurations and
    steps by method, values as text. Raises UserError where nothing of the kind can be set.
    """
    configurations: dict[str, dict[str, Value]] = {}
    own_steps: dict[str, int] = {}
    for pair in pairs:
        place, equals, value = (part.strip() for part in pair.partition("="))
        method, dot, key = place.rpartition(".")
        if not equals or not key or bool(dot) != bool(method):
            raise UserError(
                f"--set: received {pair[:60]!r}, expected METHOD.KEY=VALUE, or KEY=VALUE for all."
            )
        for name in [method] if method else _with_setting(key, methods):
            if key == STEPS:
                own_steps[name] = _whole(pair, value)
            else:
                configurations.setdefault(name, {})[key] = value
    return configurations, own_steps


def _with_setting(key: str, methods: Sequence[str]) -> list[str]:
    if key == STEPS:
        raise UserError("--set steps: use --steps for all methods, or --set METHOD.steps=N.")
    found = [
        name for name in methods if key in {info.name for info in settings_of(method_named(name))}
    ]
    if not found:
        raise UserError(
            f"--set: no method of the study has a setting {key[:60]!r}. The verb 'methods' lists "
            "them."
        )
    return found


def _whole(pair: str, value: str) -> int:
    try:
        return int(value)
    except ValueError:
        raise UserError(f"--set: received {pair[:60]!r}, expected a whole number.") from None
