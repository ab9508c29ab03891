"""Which questions and labels a run to be started learns, as widgets."""

import streamlit as st

from pages.parts.looks import bars, facts, quiet, tag
from pages.parts.reviewwords import way
from pages.parts.session import workspace
from pages.parts.words import count
from ssl_core.datasets.dataset import Dataset
from ssl_core.heads import CLASS_HEAD, Head
from ssl_core.labels.snapshot import draw_roles
from ssl_core.labels.store import open_labels
from ssl_core.methods import uses_items
from ssl_core.methods.base import MethodSpec
from ssl_core.runs.listing import list_runs
from ssl_core.runs.plan_heads import LabelSource, chosen_heads, label_source
from ssl_core.runs.request import SnapshotSummary, TrainedHead


def labels_choice(dataset: Dataset, spec: MethodSpec) -> str | None:
    """The run whose labels are taken again, newest of each snapshot; None: the labels of now.

    Nothing to choose for a method that reads no labels, and no labels to take from its runs.
    """
    if not spec.needs.uses_items:
        return None
    titles: dict[str | None, str] = {None: "as they are now"}
    seen: set[tuple[int, str]] = set()
    for run in list_runs(workspace()):
        known = run.request.labels
        usable = run.request.fingerprint == dataset.manifest.fingerprint
        usable &= uses_items(run.request.method)
        if usable and (known.last_event, known.taken) not in seen:
            seen.add((known.last_event, known.taken))
            titles[run.run] = known.title
    if len(titles) == 1:
        return None
    return st.selectbox(
        "Labels",
        list(titles),
        format_func=lambda run: titles[run],
        key="labels-of",
        help="The labels of now, or those that an earlier run was given: so that two runs differ "
        "in the method alone.",
    )


def heads_choice(dataset: Dataset, spec: MethodSpec, labels_of: str | None) -> tuple[str, ...]:
    """The heads to learn, the main one first; empty where there is nothing to choose."""
    source = label_source(workspace(), dataset, labels_of)
    if len(source.heads) == 1 or not spec.needs.uses_items:
        return ()
    titles = {head.name: head.title for head in source.heads}
    shown = {
        name: title if name in source.labelled else f"{title} (no labels yet)"
        for name, title in titles.items()
    }
    key = f"heads-{dataset.identifier}-{spec.name}-{labels_of or 'now'}"
    if spec.needs.heads[1] == 1:
        options = [head.name for head in source.heads if head.kind != "regression"]
        return (st.selectbox("Question", options, format_func=lambda name: shown[name], key=key),)
    chosen = st.multiselect(
        "Questions",
        list(titles),
        default=chosen_heads(spec, (), source),
        format_func=lambda name: shown[name],
        key=key,
        placeholder="all that have labels",
        help="What one network learns together: at first all that has labels. The order counts: "
        "the first is the main question, and the test accuracy is about it. It has classes. Choose "
        "it alone to compare with methods that learn one question only.",
    )
    return tuple(chosen)


def show_labels(
    dataset: Dataset,
    spec: MethodSpec,
    labels_of: str | None,
    heads: tuple[str, ...],
    validation_share: float,
    seed: int,
) -> None:
    """The labels as a run started now would get them.

    labels_of: the run whose labels are taken again; None: the labels of now.
    """
    source = label_source(workspace(), dataset, labels_of)
    names = chosen_heads(spec, heads, source)
    main = next(head for head in source.heads if head.name == names[0])
    if main.kind == "regression":
        quiet("They stand here as soon as the first question has classes.")
        return
    if source.run is None:
        store = open_labels(dataset)
        # A renamed, added or merged class leaves no event.
        classes = [(one.identifier, one.name) for name in names for one in store.classes(name)]
        state = (dataset.identifier, dataset.manifest.fingerprint, store.last_event(), *classes)
    else:
        state = (str(source.run.path),)
    summary, origins = _labels(state, names, validation_share, seed, source)
    marks = " ".join(
        tag(f"{count(number)} {way(origin)}", _kind(origin)) for origin, number in origins.items()
    )
    _show_question(main, len(names))
    _show_summary(summary, spec, marks)


def _show_question(main: Head | TrainedHead, number: int) -> None:
    """What the labels answer; the classes of an image set that has no other head say it all.

    number: of questions that are learned together.
    """
    if number > 1 or main.name != CLASS_HEAD:
        quiet(f"{'Main question' if number > 1 else 'Question'}: {main.title}")


def _show_summary(summary: SnapshotSummary, spec: MethodSpec, marks: str) -> None:
    """The labels of the main head by role and class, then how many the others have.

    marks: HTML, which way the labels came.
    """
    total = sum(summary.per_class.values())
    facts(
        {
            "Labels": count(total),
            "To train on": count(summary.train),
            "To validate": count(summary.validation),
            "Held out to test": count(summary.held_out),
        }
    )
    if total:
        st.html(f'<p class="hf-line">{marks}</p>')
        bars(list(summary.per_class.items()))
    if summary.others:
        quiet("Labels of the further questions:")
        bars(list(summary.others.items()))
    if spec.needs.named_afterwards and not summary.train:
        badge = tag("uses reference labels", "reference")
        st.html(
            '<p class="hf-quiet">It trains without labels. Afterwards its answers are mapped to '
            "classes with labels: with none to train on, by reference labels of the training "
            f"split, where there are any. {badge}</p>"
        )


def _kind(origin: str) -> str:
    return "reference" if origin in ("drawn", "adopted") else ""


@st.cache_data(max_entries=32, show_spinner=False)
def _labels(
    state: tuple[object, ...],
    heads: tuple[str, ...],
    validation_share: float,
    seed: int,
    _source: LabelSource,
) -> tuple[SnapshotSummary, dict[str, int]]:
    """The snapshot's figures and how many labels of now came which way, which no run remembers.

    Kept while `state` is the same.
    """
    summary = draw_roles(_source.usable(heads), validation_share, seed).summary
    if _source.run is not None:
        return summary, {}
    return summary, open_labels(_source.dataset).origin_counts(heads[0])
