"""The critic of MINE on two correlated Gaussian variables, which need no items at all."""

import math

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from ssl_core.methods.base import Task
from ssl_core.methods.gaussian_mine.spec import TRUTH, GaussianConfiguration
from ssl_core.training.losses.mutual_information import donsker_varadhan
from ssl_core.training.model import MethodModel, Outcome
from ssl_core.training.networks.critics import (
    SMOOTHED,
    Critic,
    Estimate,
    lag_guides,
    published,
)
from ssl_core.training.panels import Panel, scatter
from ssl_core.training.pipeline import Stream
from ssl_core.training.probe import Probe, Seen
from ssl_core.training.scorepanel import score_panel

HELD_OUT = 100_000  # pairs that are never trained on
SHOWN = 300  # of them, in the picture of the pairs
HELD_OUT_ESTIMATE = "mi/held-out"


class GaussianModel(MethodModel):
    """Loss: `information`, minus the estimate in nats."""

    answers_items = False
    configuration: GaussianConfiguration

    def __init__(self, configuration: GaussianConfiguration, task: Task) -> None:
        measures = published(corrected=configuration.corrected_gradient)
        super().__init__(configuration, task, {"information": 1.0}, measures)
        self.draws = keras.random.SeedGenerator()
        self.critic = Critic(1, configuration.critic_units)
        self.estimate = Estimate(corrected=configuration.corrected_gradient)
        drawn = np.random.default_rng(0).normal(size=(HELD_OUT, 2))
        second = configuration.correlation * drawn[:, 0] + self._own_part * drawn[:, 1]
        self.held_out = np.stack([drawn[:, 0], second], axis=1).astype(np.float32)

    @property
    def _own_part(self) -> float:
        """How much of the second variable the first does not say: sqrt(1 - rho^2)."""
        return math.sqrt(1.0 - self.configuration.correlation**2)

    def streams(self) -> tuple[Stream, ...]:
        return ()

    @property
    def images_per_step(self) -> int:
        return self.configuration.batch_size

    def call(self, x, training=False):
        """Pairs (batch, 2): new ones in training, else always the same."""
        rows = self.configuration.batch_size
        if not training:
            return ops.convert_to_tensor(self.held_out[:rows])
        drawn = keras.random.normal((rows, 2), seed=self.draws)
        second = self.configuration.correlation * drawn[:, :1] + self._own_part * drawn[:, 1:]
        return ops.concatenate([drawn[:, :1], second], axis=1)

    def outcome(self, x, y, features, training: bool) -> Outcome:
        scores = self.critic(features[:, :1], features[:, 1:])
        loss, measures = self.estimate(scores, training=training)
        return Outcome({"information": loss}, measures=measures)

    def inference_model(self) -> keras.Model:
        """Two numbers (1,) each -> the score T of the critic (1,)."""
        return self.critic.network()

    def settle(self, network, known, pool) -> dict[str, float]:
        """The estimate of the averaged critic on the pairs that were never trained on."""
        joint, marginal = self._held_out_scores(network)
        return {
            SMOOTHED: float(ops.convert_to_numpy(self.estimate.smoothed)),
            HELD_OUT_ESTIMATE: float(donsker_varadhan(joint, marginal)),
            "mi/truth": self.truth,
        }

    @property
    def truth(self) -> float:
        """`-ln(1 - rho^2) / 2`, nats."""
        return -0.5 * math.log(1.0 - self.configuration.correlation**2)

    @property
    def guides(self) -> dict[str, dict[str, float]]:
        rows = self.configuration.batch_size
        lines = {"mi": {TRUTH: self.truth, f"ln {rows}": math.log(rows)}}
        return lines | lag_guides(corrected=self.configuration.corrected_gradient)

    def look(self, probe: Probe) -> Seen:
        joint, marginal = self._held_out_scores(self.inference_model())
        figures = {HELD_OUT_ESTIMATE: float(donsker_varadhan(joint, marginal))}
        return Seen(figures, (self._cloud(), score_panel(joint, marginal, "pairs")))

    def _held_out_scores(self, network: keras.Model) -> tuple[NDArray, NDArray]:
        """(n,) scores of the pairs that were never trained on, and of as many that are none."""
        first, second = self.held_out[:, :1], self.held_out[:, 1:]
        together, apart = (network([first, y]) for y in (second, np.roll(second, 1, axis=0)))
        return ops.convert_to_numpy(together[:, 0]), ops.convert_to_numpy(apart[:, 0])

    def _cloud(self) -> Panel:
        """Pairs that belong together, and the same numbers paired wrongly."""
        together = self.held_out[:SHOWN]
        apart = np.stack([together[:, 0], np.roll(together[:, 1], 1)], axis=1)
        return scatter(
            "pairs",
            "Pairs of the two variables",
            f"{SHOWN} pairs that belong together, and the same numbers paired wrongly: the critic "
            "tells the one kind from the other.",
            np.concatenate([together, apart]),
            ["together"] * SHOWN + ["apart"] * SHOWN,
            ("first variable", "second variable"),
        )


def build(configuration: GaussianConfiguration, task: Task) -> GaussianModel:
    """The untrained model."""
    return GaussianModel(configuration, task)
