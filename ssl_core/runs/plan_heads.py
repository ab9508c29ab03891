"""Which heads and labels a run is given: those of now, or those of an earlier run."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from ssl_core.datasets.dataset import Dataset
from ssl_core.errors import UserError
from ssl_core.heads import Head
from ssl_core.labels.given import GivenLabels, given_labels
from ssl_core.labels.head_table import no_head_sentence
from ssl_core.labels.snapshot import UsableHead, UsableLabels, Values, usable_labels
from ssl_core.labels.store import open_labels
from ssl_core.methods.base import Hyperparameters, MethodSpec
from ssl_core.methods.by_head import losses_by_head, weights_by_head
from ssl_core.methods.head_settings import HeadSettings
from ssl_core.runs.folder import RunFolder, open_run
from ssl_core.runs.request import TrainedHead
from ssl_core.workspace import Workspace


@dataclass(frozen=True)
class LabelSource:
    """Labels to choose from. heads: the main one first; labelled: names of those with a label."""

    dataset: Dataset
    heads: tuple[Head | TrainedHead, ...]
    labelled: tuple[str, ...]
    run: RunFolder | None  # that was given them; None: the labels of now
    given: GivenLabels | None = None  # in place of the labels of now

    def usable(self, names: Sequence[str]) -> UsableLabels:
        """The labels of the heads called `names`, the first as the main one."""
        if self.given is not None:
            return given_labels(self.dataset, open_labels(self.dataset), self.given)
        if self.run is None:
            return usable_labels(self.dataset, open_labels(self.dataset), names)
        request, arrays = self.run.request(), self.run.labels()
        main, *others = [
            UsableHead(
                head,
                np.asarray(arrays[f"{place}items"], np.int64),
                _values(head, arrays[f"{place}values"]),
            )
            for head, place in _places(request.all_heads, names)
        ]
        return UsableLabels(
            main,
            tuple(others),
            self.dataset.held_out,
            request.labels.last_event,
            datetime.fromisoformat(request.labels.taken),
            request.labels.source,
            reference=request.labels.reference,
        )


def label_source(
    workspace: Workspace,
    dataset: Dataset,
    labels_of: str | None,
    given: GivenLabels | None = None,
) -> LabelSource:
    """The labels of now, those that the run `labels_of` was given, or `given` ones.

    `given` are of the main head alone. Raises UserError.
    """
    if given is not None:
        main = open_labels(dataset).head()
        return LabelSource(dataset, (main,), (main.name,), None, given)
    if labels_of is None:
        store = open_labels(dataset)
        heads = tuple(store.heads())
        labelled = tuple(head.name for head in heads if store.total(head.name))
        return LabelSource(dataset, heads, labelled, None)
    run = open_run(workspace, labels_of)
    request = run.request()
    if request.fingerprint != dataset.manifest.fingerprint:
        noun = dataset.manifest.noun_plural
        raise UserError(
            f"The run {labels_of!r} was made with other {noun}. "
            "Choose the labels of now or of a run on this dataset."
        )
    arrays = run.labels()
    places = _places(request.all_heads, [head.name for head in request.all_heads])
    labelled = tuple(head.name for head, place in places if len(arrays[f"{place}items"]))
    return LabelSource(dataset, request.all_heads, labelled, run)


def _places(heads: Sequence[TrainedHead], names: Sequence[str]) -> list[tuple[TrainedHead, str]]:
    """The heads called `names`, and what stands before the names of their arrays."""
    by_name = {head.name: head for head in heads}
    return [(by_name[name], "" if by_name[name] is heads[0] else f"{name}/") for name in names]


def _values(head: TrainedHead, stored: NDArray[np.generic]) -> Values:
    if head.kind == "regression":
        return np.asarray(stored, np.float64)
    return np.asarray(stored, np.int32)


def chosen_heads(spec: MethodSpec, asked: Sequence[str], source: LabelSource) -> tuple[str, ...]:
    """The names of the heads that a run is trained on, the main one first.

    asked: by the person. Where that is empty: the main head for a method with one; for others it
    and every further head that has labels.
    """
    if asked:
        return tuple(asked)
    others = [name for name in _fitting(spec, source)[1:] if name in source.labelled]
    return (source.heads[0].name, *others)[: spec.needs.heads[1]]


def _fitting(spec: MethodSpec, source: LabelSource) -> list[str]:
    """The names of the heads that the method can answer, the main one first."""
    main, *others = source.heads
    numbers = not spec.needs.class_heads
    return [main.name, *(head.name for head in others if numbers or head.kind != "regression")]


def wrong_heads(spec: MethodSpec, asked: Sequence[str], source: LabelSource) -> list[str]:
    """The reasons for which the method cannot be trained on these heads, in plain words."""
    names = [head.name for head in source.heads]
    unknown = [name for name in asked if name not in names]
    if unknown:
        return [no_head_sentence(unknown[0], names)]
    twice = [name for place, name in enumerate(asked) if name in asked[:place]]
    if twice:
        return [f"The question {twice[0]!r} is given twice. Name each once."]
    return list(_unfit_heads(spec, asked, source))


def _unfit_heads(spec: MethodSpec, asked: Sequence[str], source: LabelSource) -> Iterator[str]:
    names = chosen_heads(spec, asked, source)
    fewest, most = spec.needs.heads
    kinds = {head.name: head.kind for head in source.heads}
    fitting = _fitting(spec, source)
    unfit = [name for name in names[1:] if name not in fitting]
    if unfit:
        yield (
            f"{spec.title} needs questions with classes, and {unfit[0]!r} is answered with "
            "numbers. Name another one."
        )
    if kinds[names[0]] == "regression":
        yield (
            f"The first question {names[0]!r} is answered with numbers. Name one with classes "
            "first: the test accuracy is about it."
        )
    if len(names) > most:
        yield f"{spec.title} is trained on at most {_questions(most)}, received {', '.join(names)}."
    if len(fitting) < fewest:
        classes = " with classes" if spec.needs.class_heads else ""
        yield (
            f"This method needs {_questions(fewest)}{classes}, for example coarse and fine, and "
            f"this dataset has {_questions(len(fitting))}{classes}. Add a question to the dataset "
            "and label some items."
        )
    elif asked and len(names) < fewest:
        yield f"This method needs {_questions(fewest)}, received {', '.join(names)}."
    elif spec.needs.labels and source.labelled:
        wanted = asked or fitting[:fewest]
        bare = [name for name in wanted if name not in source.labelled]
        if bare and (asked or len(names) < fewest or names[0] in bare):
            yield f"No label of the question {bare[0]!r} is given yet. Label some items first."


def wrong_head_settings(
    configuration: Hyperparameters, names: Sequence[str], source: LabelSource
) -> Iterator[str]:
    """What settings say of heads that the run cannot do, in plain words. names: of its heads."""
    if not isinstance(configuration, HeadSettings):
        return
    numbers = {head.name for head in source.heads if head.kind == "regression"}
    losses = losses_by_head(configuration.head_losses)
    for setting, named in (
        ("head_weights", weights_by_head(configuration.head_weights)),
        ("head_losses", losses),
    ):
        unknown = [name for name in named if name not in names]
        if unknown:
            yield (
                f"{setting}: this run is trained on no head {unknown[0][:40]!r}. Expected "
                f"{' or '.join(names)}."
            )
    for name in losses:
        if name in names and name not in numbers:
            yield f"head_losses: {name!r} has classes. A loss is chosen for numbers alone."


def _questions(number: int) -> str:
    words = {1: "one", 2: "two", 3: "three", 4: "four"}
    return f"{words.get(number, number)} question{'' if number == 1 else 's'}"
