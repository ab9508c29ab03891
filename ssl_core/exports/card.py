"""The card of a model, in Markdown: what it is, what it learned from, how good it is, what not."""

from ssl_core.errors import UserError
from ssl_core.exports.contents import About
from ssl_core.methods import method_named, uses_items
from ssl_core.runs.figures import full_name, value_text
from ssl_core.runs.folder import RunFolder
from ssl_core.runs.request import RunRequest
from ssl_core.runs.status import Results, RunStatus


def model_card(folder: RunFolder, about: About) -> str:
    """Everything that whoever gets the model needs to judge it. Raises UserError."""
    request, status = folder.request(), folder.status()
    parts = [
        f"# Model card: {_plain(folder.title())}",
        f"Run `{request.run}` of {request.created}, made with Handful {request.code_version}.",
        "## What it answers",
        *_questions(about),
        "## What it learned from",
        *_data(request, about),
        "## How it was trained",
        *_training(request, status),
        "## How good it is",
        *_figures(request, status.results),
        "## What it is for",
        _purpose(about),
        "## What it was not tested for",
        *_untested(about),
        "## Licence",
        "None is given with this file. Whoever passes the model on chooses one, and checks first "
        "what the licence of the data allows.",
    ]
    return "\n\n".join(parts) + "\n"


def _questions(about: About) -> list[str]:
    rows = ["| question | kind | answers |", "|---|---|---|"]
    for entry in about.heads:
        head = entry.head
        answers = ", ".join(map(_plain, head.classes)) or f"a number, {head.unit or 'no unit'}"
        rows.append(f"| {_plain(head.title)} | {head.kind} | {answers} |")
    if about.kind == "images":
        height, width, channels = about.shape
        colour = "grey" if channels == 1 else "colour"
        item = f"One image, {height} × {width} pixels, {colour}, values in 0 to 1"
    else:
        item = f"One text, its first {about.shape[0]} words"
    beside = f", and the numbers {', '.join(map(_plain, about.columns))}" if about.columns else ""
    return [f"Input: {item}{beside}.", "\n".join(rows)]


def _data(request: RunRequest, about: About) -> list[str]:
    labels = request.labels
    lines = [
        f"Dataset: {_plain(request.dataset_name)}.",
        f"Fingerprint of the data (SHA-256): `{request.fingerprint}`.",
    ]
    if not uses_items(request.method):
        return lines
    lines.append(
        f"Labels: {_plain(labels.title)}, taken {labels.taken}: {labels.train:,} to train on, "
        f"{labels.validation:,} to validate, {labels.held_out:,} held out for the test."
    )
    if labels.per_class:
        rows = ["| class | labels |", "|---|---|"]
        rows += [f"| {_plain(name)} | {number:,} |" for name, number in labels.per_class.items()]
        lines.append("\n".join(rows))
    lines += [f"{_plain(title)}: {number:,} labels." for title, number in labels.others.items()]
    return lines


def _training(request: RunRequest, status: RunStatus) -> list[str]:
    try:
        spec = method_named(request.method)
        paper = spec.paper
        method = f"{spec.title}. {paper.authors} {paper.year}, {paper.title}, {paper.link}"
    except UserError:  # of a version that had another method
        method = request.method
    rows = ["| setting | value |", "|---|---|"]
    rows += [f"| {name} | {value} |" for name, value in request.configuration.items()]
    return [
        f"Method: {method}",
        f"{status.step:,} steps in {status.seconds:,.0f} s on {request.device}, seed "
        f"{request.seed}, {status.images_seen:,} items seen.",
        "\n".join(rows) if request.configuration else "All settings at their defaults.",
    ]


def _figures(request: RunRequest, results: Results) -> list[str]:
    """Every figure with its interval, or with the remark that it has none."""
    lines = []
    if results.test_accuracy is not None:
        number = f"{results.test_count:,} items, {results.test_source}"
        lines.append(
            f"Test accuracy: {_share(results.test_accuracy, results.test_interval)}, {number}."
        )
    if results.validation_accuracy is not None:
        shown = _share(results.validation_accuracy, results.validation_interval)
        lines.append(f"Validation accuracy: {shown}. It watched the training: no test.")
    units = {head.name: head.unit for head in request.all_heads if head.kind == "regression"}
    titles = {head.name: head.title for head in request.all_heads}
    lines += [
        f"{_plain(full_name(name, units, titles))}: {value_text(name, value, units)} "
        "(no interval is known)."
        for name, value in results.figures.items()
    ]
    if results.mapping:
        lines.append(f"Its answers got the names of classes by {results.mapping}.")
    return lines or ["Nothing was measured: there was nothing to test on."]


def _purpose(about: About) -> str:
    noun = "images" if about.kind == "images" else "texts"
    return (
        f"Answering the questions above about {noun} that come from the same source as the "
        "dataset, where a person looks at what it is unsure of. Not for decisions about people "
        "that nobody checks."
    )


def _untested(about: About) -> list[str]:
    noun = "images" if about.kind == "images" else "texts"
    lines = [
        f"- {noun.capitalize()} of another source, time or place than the dataset.",
        f"- {noun.capitalize()} that belong to none of its classes: it always names one of them.",
        "- Whether it is as good for every group of people or things that the data show.",
        f"- {noun.capitalize()} that somebody made to mislead it.",
        "- Whether its confidence is as often right as it says.",
    ]
    return ["\n".join(lines)]


def _share(value: float, interval: tuple[float, float] | None) -> str:
    if interval is None:
        return f"{100 * value:.1f} % (no interval is known)"
    low, high = interval
    return f"{100 * value:.1f} % (95 % interval {100 * low:.1f} to {100 * high:.1f} %)"


def _plain(text: str) -> str:
    """A name that breaks neither a table nor the text around it."""
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")
