"""Verbs about runs beside each other: compare, note."""

from __future__ import annotations

import argparse

from ssl_core.commands.command import Answer, Command, tell
from ssl_core.workspace import Workspace


def _compare_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("first", metavar="RUN", help="a run that has finished")
    parser.add_argument("second", metavar="RUN", help="another one on the same dataset")
    parser.add_argument(
        "--send",
        type=int,
        default=0,
        metavar="N",
        help="put the N items on which they differ most surely at the front of the label queue",
    )


def _compare(workspace: Workspace, options: argparse.Namespace) -> Answer:
    from ssl_core.datasets.dataset import open_dataset
    from ssl_core.labels.store import open_labels
    from ssl_core.runs.disagreement import disagreement, worth_labelling
    from ssl_core.runs.folder import open_run
    from ssl_core.runs.paired import paired_test, verdict

    folders = [open_run(workspace, run) for run in (options.first, options.second)]
    dataset = open_dataset(workspace, folders[0].request().dataset)
    store, noun = open_labels(dataset), dataset.manifest.noun
    test = paired_test(dataset, store, *folders)
    differ = disagreement(dataset, folders, test_split=False)
    payload: dict[str, object] = {
        "count": test.count,
        "both_right": test.both,
        "only_first_right": test.only_first,
        "only_second_right": test.only_second,
        "neither_right": test.neither,
        "left_out": test.left_out,
        "chance": test.chance,
        "winner": test.winner,
        "differ": len(differ.items),
    }
    text = verdict(test, folders[0].title(), folders[1].title(), noun)
    text += f"\nThey differ on {len(differ.items):,} of {differ.compared:,} {noun}s to label."
    if options.send > 0:
        done = {*store.current().items.tolist(), *store.sent_items()}
        free = worth_labelling(dataset, differ.items, done)[: options.send]
        reason = f"{folders[0].title()} and {folders[1].title()} disagree"
        payload["sent"] = sent = store.send_items(free, reason)
        tell(f"Sent {sent} to the front of the label queue")
    return Answer(payload, text)


def _note_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", metavar="RUN", help="the run, as 'runs' lists it")
    parser.add_argument("--tags", metavar="A,B", help="its tags from now on")
    parser.add_argument("--text", metavar="TEXT", help="its note from now on")


def _note(workspace: Workspace, options: argparse.Namespace) -> Answer:
    from ssl_core.runs.folder import open_run
    from ssl_core.runs.notes import read_notes, write_notes

    path = open_run(workspace, options.run).path
    notes = read_notes(path)
    if options.tags is not None or options.text is not None:
        tags = list(notes.tags) if options.tags is None else options.tags.split(",")
        notes = write_notes(path, tags, notes.note if options.text is None else options.text)
    payload: dict[str, object] = {"run": options.run, "tags": list(notes.tags), "note": notes.note}
    lines = [f"Tags: {', '.join(notes.tags) or 'none'}", *([notes.note] if notes.note else [])]
    return Answer(payload, "\n".join(lines))


COMMANDS = (
    Command("compare", "which of two runs is better, or a tie", _compare_arguments, _compare),
    Command("note", "show or change the tags and the note of a run", _note_arguments, _note),
)
