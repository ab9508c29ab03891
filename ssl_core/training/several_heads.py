"""A model with one trunk and several heads, for items of any kind, with or without numbers."""

import keras
from keras import ops

from ssl_core.methods.base import Hyperparameters, Task
from ssl_core.methods.by_head import losses_by_head, weights_by_head
from ssl_core.methods.head_settings import HeadSettings
from ssl_core.training.losses.classification import masked_cross_entropy
from ssl_core.training.losses.several_heads import class_logits, head_hits, head_loss
from ssl_core.training.model import MethodModel, Outcome
from ssl_core.training.networks.heads import DROPOUT
from ssl_core.training.networks.several_heads import (
    AUXILIARY,
    JOINT_WIDTH,
    answer_network,
    several_heads_inference,
)
from ssl_core.training.pipeline import Stream

CLASSIFICATION = "classification"


def weights_of_heads(configuration: HeadSettings, task: Task) -> dict[str, float]:
    """Term -> weight. The term of the main head is `classification`, of others their name."""
    by_kind = {
        "categorical": configuration.categorical_weight,
        "binary": configuration.binary_weight,
        "regression": configuration.regression_weight,
    }
    named = weights_by_head(configuration.head_weights)
    main, *others = task.heads
    weights = {CLASSIFICATION: named.get(main.name, 1.0)}
    weights |= {head.name: named.get(head.name, by_kind[head.kind]) for head in others}
    return weights | ({AUXILIARY: configuration.auxiliary_weight} if task.columns else {})


def huber_heads(configuration: HeadSettings, task: Task) -> tuple[str, ...]:
    """The names of the regression heads whose loss is the Huber one."""
    named = losses_by_head(configuration.head_losses)
    numbers = (head.name for head in task.heads if head.kind == "regression")
    usual = configuration.regression_loss
    return tuple(name for name in numbers if named.get(name, usual) == "huber")


class SeveralHeadsModel(MethodModel):
    """Losses: `classification` of the main head in nats, of every further head under its name
    (nats, or squared deviations), `auxiliary` in nats where numbers stand beside the items.

    A subclass gives the trunk (any network with one input and one output, a map or a vector) and
    may name another view.
    """

    view = "weak"
    configuration: HeadSettings

    def __init__(
        self,
        configuration: Hyperparameters,
        task: Task,
        trunk: keras.Model,
        hidden: tuple[int, ...] | None = None,
        dropout: float = DROPOUT,
    ) -> None:
        """hidden: widths of the dense layers between the features and the heads; by default one
        where numbers are read beside the features, else none."""
        others = task.heads[1:]
        measure_of = {
            head.name: f"{'mae' if head.kind == 'regression' else 'accuracy'}/{head.name} training"
            for head in others
        }
        rows = tuple(f"rows/{head.name}" for head in task.heads) if others else ()
        weights = weights_of_heads(configuration, task)
        learned = (CLASSIFICATION, *(head.name for head in others))
        if not configuration.learned_weights or not others:
            learned = ()
        published = tuple(f"weight/{name}" for name in learned)
        super().__init__(configuration, task, weights, (*measure_of.values(), *rows, *published))
        self.log_variances = {
            name: self.add_weight(shape=(), initializer="zeros", name=f"log_variance_{name}")
            for name in learned
        }
        self.measure_of = measure_of
        self.huber = huber_heads(configuration, task)
        self.compared_terms = (CLASSIFICATION, *(head.name for head in others))
        if hidden is None:
            hidden = (JOINT_WIDTH,) if task.columns else ()
        self.trunk = trunk
        self.answers = answer_network(trunk.output_shape[1:], task, hidden, dropout)

    def streams(self) -> tuple[Stream, ...]:
        size = self.configuration.batch_size
        return (Stream("labelled", "labelled", size, {"labelled": self.view}),)

    def call(self, x, training=False):
        """x["labelled"]: a batch of items -> what the trunk makes of them."""
        return self.trunk(x["labelled"], training=training)

    def outcome(self, x, y, features, training: bool) -> Outcome:
        inputs = features
        if self.task.columns:
            # A batch is still NumPy on some backends, and a call may not mix the two.
            inputs = [features, ops.convert_to_tensor(x["labelled/numeric"])]
        outputs = self.answers(inputs, training=training)
        main, *others = self.task.heads
        labels = y["labelled"]
        terms = {CLASSIFICATION: head_loss(main, outputs[main.name], labels)}
        measures = {}
        for head in others:
            of_head = y[f"labelled/{head.name}"]
            terms[head.name] = head_loss(head, outputs[head.name], of_head, head.name in self.huber)
            hits, mask = head_hits(head, outputs[head.name], of_head)
            measures[self.measure_of[head.name]] = hits, mask
            measures[f"rows/{head.name}"] = ops.sum(mask)
        logits = class_logits(main, outputs[main.name])
        if others:
            measures[f"rows/{main.name}"] = ops.sum(ops.cast(labels >= 0, "float32"))
        if self.task.columns:
            alone = class_logits(main, outputs[AUXILIARY])
            terms[AUXILIARY] = masked_cross_entropy(alone, labels)
        measures |= {f"weight/{name}": self.weight_of(name) for name in self.log_variances}
        return Outcome(terms, logits, labels, measures)

    def total_of(self, terms: dict):
        """With learned weights `sum_h w_h exp(-s_h) l_h + s_h / 2`, s the logarithm of a variance.

        Kendall, Gal, Cipolla 2018 (arXiv:1705.07115), section 3.2.
        """
        return super().total_of(terms) + sum(0.5 * s for s in self.log_variances.values())

    def loss_name(self, term: str) -> str:
        # Heads are called as a person likes, so their losses have a group of their own.
        of_head = term not in (CLASSIFICATION, AUXILIARY)
        return f"head_loss/{term}" if of_head else super().loss_name(term)

    def weight_of(self, name: str):
        fixed = super().weight_of(name)
        learned = name in self.log_variances
        return fixed * ops.exp(-self.log_variances[name]) if learned else fixed

    def inference_model(self) -> keras.Model:
        return several_heads_inference(self.trunk, self.answers, self.task)
