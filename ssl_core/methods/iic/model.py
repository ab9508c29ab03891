"""Invariant information clustering: several heads on one trunk, none of which sees a label."""

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from ssl_core.methods.base import Task
from ssl_core.methods.iic.look import looked_at
from ssl_core.methods.iic.spec import ONE_MERGED, TWO_MERGED, ClusteringConfiguration
from ssl_core.training import clusters as measure
from ssl_core.training.augmentation.pairs import Partners
from ssl_core.training.data import as_network_input, evenly
from ssl_core.training.losses.classification import masked_cross_entropy
from ssl_core.training.losses.mutual_information import (
    clustering_loss,
    entropy_of_use,
    joint_of_clusters,
)
from ssl_core.training.model import MethodModel, Outcome
from ssl_core.training.networks.backbones import backbone
from ssl_core.training.networks.clusterheads import (
    cluster_heads,
    clustering_network,
    kernel_of_choice,
    kernel_of_mapping,
    of_every_head,
)
from ssl_core.training.networks.fixed import fixed_dense
from ssl_core.training.phases import Phase
from ssl_core.training.pipeline import Stream
from ssl_core.training.probe import Probe, Seen

WITHOUT_CLASSES = 10  # clusters, where nobody has named two classes
FINE_TUNING = "fine-tuning"
PAIRS = 512  # items that the heads are compared on before fine-tuning
FINE_TUNING_RATE = 0.1  # of the learning rate
_SMALLEST = 1e-7  # of a probability, before its logarithm


class ClusteringModel(MethodModel):
    """Losses: `information` and `over_clustering`, minus mutual information in nats, the entropy
    of use weighted; `classification` in nats while it is fine-tuned.

    Image and partner pass the trunk as one batch, so that batch statistics are of both.
    """

    answers_clusters = True
    configuration: ClusteringConfiguration

    def __init__(self, configuration: ClusteringConfiguration, task: Task) -> None:
        heads, classes = configuration.heads, task.classes
        weights = {"information": 1.0}
        weights |= {"over_clustering": 1.0} if configuration.over_clusters else {}
        weights |= {"classification": 1.0} if configuration.finetune_share and classes else {}
        self.usages = tuple(f"usage/head {number + 1}" for number in range(heads))
        # Of one head it is the term itself.
        self.losses_of_heads = tuple(
            f"loss/head {number + 1}" for number in range(heads) if heads > 1
        )
        measures = (*self.usages, *self.losses_of_heads)
        super().__init__(configuration, task, weights, measures)
        self.partners = Partners(configuration)
        several = classes if classes > 1 else WITHOUT_CLASSES
        self.clusters = configuration.clusters or several
        self.trunk = backbone(configuration.backbone, task.item_shape)
        shape = self.trunk.output_shape[1:]
        self.heads = cluster_heads(shape, heads, self.clusters, "heads")
        self.over = None
        if configuration.over_clusters:
            self.over = cluster_heads(shape, 1, configuration.over_clusters, "over_clustering")
        self.choice = fixed_dense(heads * self.clusters, self.clusters, "clusters")
        self._choose(0)
        self.mapping = fixed_dense(self.clusters, classes, "probabilities") if classes else None
        if self.mapping is not None:
            # Until labels say more, every cluster is as much of one class as of another.
            self.mapping.kernel.assign(np.full((self.clusters, classes), 1.0 / classes))

    @property
    def phases(self) -> tuple[Phase, ...]:
        share = self.configuration.finetune_share
        terms = tuple(name for name in self.weights_of_terms if name != "classification")
        if "classification" not in self.weights_of_terms:
            return (Phase("clustering", 1.0, terms),)
        return (
            Phase("clustering", 1.0 - share, terms),
            Phase(FINE_TUNING, share, ("classification",), FINE_TUNING_RATE),
        )

    @property
    def fine_tuned(self) -> bool:
        """Whether the phase is the one with labels, in which head and mapping stay."""
        return self.phase.name == FINE_TUNING

    def streams(self) -> tuple[Stream, ...]:
        size = self.configuration.batch_size
        if self.fine_tuned:
            return (Stream("labelled", "labelled", size, {"labelled": "weak"}),)
        return (Stream("pool", "pool", size, {"image": "none", "partner": "pair"}),)

    def call(self, x, training=False):
        """Images above their partners -> map (2 * batch, h, w, features)."""
        if self.fine_tuned:
            return self.trunk(x["labelled"], training=training)
        return self.trunk(ops.concatenate([x["image"], x["partner"]], axis=0), training=training)

    def outcome(self, x, y, features, training: bool) -> Outcome:
        if self.fine_tuned:
            return self._classified(y["labelled"], self.heads(features, training=training))
        rows = ops.shape(x["image"])[0]
        answers = self.heads(features, training=training)
        losses = self._per_head(answers, rows)
        terms = {"information": ops.mean(losses)}
        if self.over is not None:
            finer = self.over(features, training=training)
            terms["over_clustering"] = ops.mean(self._per_head(finer, rows))
        usage = entropy_of_use(answers[:rows])
        measured = {name: usage[place] for place, name in enumerate(self.usages)}
        measured |= {name: losses[place] for place, name in enumerate(self.losses_of_heads)}
        return Outcome(terms, measures=measured)

    def _per_head(self, answers, rows):
        """(heads,): the loss of each; the first `rows` answers are those to images."""
        joint = joint_of_clusters(answers[:rows], answers[rows:])
        return clustering_loss(joint, self.configuration.entropy_weight)

    def _classified(self, labels, answers) -> Outcome:
        found = self.mapping(self.choice(self._flat(answers)))
        logits = ops.log(ops.maximum(found, _SMALLEST))
        return Outcome({"classification": masked_cross_entropy(logits, labels)}, logits, labels)

    def _flat(self, answers):
        return ops.reshape(answers, (-1, self.configuration.heads * self.clusters))

    def inference_model(self) -> keras.Model:
        return clustering_network(self.trunk, self.heads, self.choice, self.mapping)

    def begin(self, phase, data, predict) -> None:
        """Before labels are trained on: the head, and the classes of its clusters, from then on."""
        some, known = evenly(data.pool, PAIRS), evenly(data.labelled, PAIRS)
        network = self.inference_model()
        found = None
        if len(known):
            found = self._of_heads(network, as_network_input(data.inputs[known]))
        self._decide(network, as_network_input(data.inputs[some]), found, data.labels[known])

    def settle(self, network, known, pool) -> dict[str, float]:
        """Choose the head with the least loss on pairs of `pool`; give its clusters classes."""
        found = self._of_heads(network, known.items) if len(known) else None
        if not self.fine_tuned:
            self._decide(network, pool, found, known.labels)
        if found is None:
            return {}
        measured = measure.agreement(np.argmax(found[:, self.head], axis=1), known.labels)
        return {f"{name}/clusters": value for name, value in measured.items()}

    def _of_heads(self, network: keras.Model, items: NDArray) -> NDArray[np.float32]:
        return of_every_head(network, items, self.configuration.heads)

    def _decide(
        self, network: keras.Model, pool: NDArray, found: NDArray | None, labels: NDArray
    ) -> None:
        """found: (n, heads, clusters), what the heads say of n items with labels, None without."""
        changed = self.partners.of(pool)
        joint = measure.joint_distribution(
            self._of_heads(network, pool), self._of_heads(network, changed)
        )
        self._choose(self.best_head(joint))
        if found is not None and self.mapping is not None:
            votes = measure.votes(found[:, self.head], labels, self.task.classes)
            meant = measure.class_of_clusters(votes)
            self.mapping.kernel.assign(kernel_of_mapping(meant, self.task.classes))

    @property
    def head(self) -> int:
        """The one that answers."""
        kernel = keras.ops.convert_to_numpy(self.choice.kernel)
        return int(kernel.sum(axis=1).argmax()) // self.clusters

    def _choose(self, head: int) -> None:
        heads = self.configuration.heads
        self.choice.kernel.assign(kernel_of_choice(heads, self.clusters, head))

    def best_head(self, joint: NDArray) -> int:
        """The head with the least loss. joint: (heads, clusters, clusters). No label is asked."""
        return int(np.argmax(measure.information(joint, self.configuration.entropy_weight)))

    def embed(self, items: NDArray):
        features, every = self.asked(items)
        return features, self.choice(self._flat(every))

    def asked(self, items: NDArray):
        """Features (n, d) and what all heads answer (n, heads, clusters), in inference mode."""
        maps = self.trunk(items, training=False)
        return ops.mean(maps, axis=(1, 2)), self.heads(maps, training=False)

    def look(self, probe: Probe) -> Seen:
        return looked_at(self, probe)

    @property
    def guides(self) -> dict[str, dict[str, float]]:
        most = float(np.log(self.clusters))
        merged = {
            name: measure.merged_plateau(self.clusters, pairs)
            for pairs, name in enumerate((ONE_MERGED, TWO_MERGED, "three merged"), 1)
            if 2 * pairs <= self.clusters
        }
        full = {f"ln {self.clusters}": most}
        return {"mi": full | merged, "usage": full, "usage_inference": full}


def build(configuration: ClusteringConfiguration, task: Task) -> ClusteringModel:
    """The untrained model."""
    return ClusteringModel(configuration, task)
