"""Methods in settings other than their defaults, and in later phases."""

from typing import NamedTuple

from keras import ops

from ssl_core.training.data import TrainingData
from ssl_core.training.evaluation import AveragedNetwork
from ssl_core.training.model import MethodModel
from tests.support.training import cases, compiled


class Variant(NamedTuple):
    """What makes a model: a method of `cases`, its settings, and which of its phases it is in."""

    case: str
    settings: dict[str, object] = {}  # noqa: RUF012, a tuple that nothing writes to
    phase: int = 0


# Settings in which no term of an untrained network is 0.
TELLING: dict[str, dict[str, object]] = {
    "fixmatch": {"threshold": 0.0},
    "pseudo_label": {"threshold": 0.0},
}
COMPARED = {name: Variant(name, TELLING.get(name, {})) for name in cases()} | {
    "fixmatch, adaptive thresholds": Variant(
        "fixmatch", {"thresholds": "freematch", "threshold_momentum": 0.0}
    ),
    "iic, a finer head": Variant("iic", {"over_clusters": 6}),
    "iic, fine-tuning": Variant("iic", {"finetune_share": 0.5}, 1),
    "pseudo_label, retraining": Variant("pseudo_label", {"mode": "staged", "threshold": 0.0}, 1),
    "simclr, fine-tuning": Variant("simclr", {}, 1),
    "soft_switch, mixture of experts": Variant("soft_switch", {"variant": "mixture of experts"}),
    "ssl_gan, seed discriminator": Variant("ssl_gan", {"discriminator": "seed"}),
    "supervised with several heads, learned weights": Variant(
        "supervised with several heads", {"learned_weights": True}
    ),
}


def compiled_variant(variant: Variant, seed: int = 1) -> MethodModel:
    """A small model, ready for `fit` in the phase of the variant, which is not yet begun."""
    model = compiled(cases()[variant.case], seed=seed, **variant.settings)
    model.phase = model.phases[variant.phase]
    return model


def begin_phase(model: MethodModel, data: TrainingData) -> None:
    """What a session does before the first step of a phase after the first."""

    def predict(items):
        averaged = AveragedNetwork(model)
        averaged.refresh()
        return averaged.probabilities(data, items)

    if model.phase != model.phases[0]:
        model.begin(model.phase, data, predict)
        model.optimizer.restart()


def terms_of(model: MethodModel, x: dict, y: dict) -> dict[str, float]:
    """The unweighted terms of a batch in inference mode, and as `total` their weighted sum."""
    terms = model.outcome(x, y, model(x, training=False), training=False).terms
    terms = {name: terms[name] for name in model.phase.terms}
    found = terms | {"total": model.total_of(terms)}
    return {name: float(ops.convert_to_numpy(value)) for name, value in found.items()}
