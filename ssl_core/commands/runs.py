"""Verbs about methods and runs: methods, runs, show, stop, delete."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from ssl_core.commands.command import Answer, Command, no_arguments, table, tell
from ssl_core.workspace import Workspace

_LOG_LINES = 15


def _run_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", metavar="RUN", help="the run, as 'runs' lists it")


def _methods(workspace: Workspace, options: argparse.Namespace) -> Answer:
    from ssl_core.methods import catalogue, settings_of

    described: list[dict[str, object]] = []
    lines: list[str] = []
    for spec in catalogue().values():
        settings = settings_of(spec)
        described.append(
            {
                "name": spec.name,
                "title": spec.title,
                "summary": spec.summary,
                "needs": asdict(spec.needs),
                "hyperparameters": [asdict(setting) for setting in settings],
            }
        )
        lines += [f"{spec.name}: {spec.title}", f"  {spec.summary}"]
        lines += [
            f"  --set {setting.name}={setting.default}  {setting.help}" for setting in settings
        ]
    return Answer({"methods": described}, "\n".join(lines))


def _runs(workspace: Workspace, options: argparse.Namespace) -> Answer:
    from ssl_core.commands.run_answers import run_payload
    from ssl_core.runs.listing import list_runs

    listed = list_runs(workspace)
    payload: dict[str, object] = {
        "runs": [
            {
                **run_payload(one.run, one.status),
                "title": one.title,
                "dataset": one.request.dataset,
                "method": one.request.method,
                "seed": one.request.seed,
                "labels": one.request.labels.train + one.request.labels.validation,
                "created": one.request.created,
                "step": one.status.step,
                "steps": one.status.steps,
                "message": one.status.message,
            }
            for one in listed
        ]
    }
    rows = [
        [
            one.run,
            one.request.dataset,
            str(one.request.seed),
            one.status.state,
            ""
            if one.status.results.test_accuracy is None
            else f"{one.status.results.test_accuracy:.1%}",
        ]
        for one in listed
    ]
    headings = ["run", "dataset", "seed", "status", "test accuracy"]
    return Answer(payload, table(rows, headings) if rows else "No run yet.")


def _show(workspace: Workspace, options: argparse.Namespace) -> Answer:
    from ssl_core.commands.run_answers import alarm_lines, alarm_payload, run_line, run_payload
    from ssl_core.runs.alarms import active_alarms
    from ssl_core.runs.folder import open_run
    from ssl_core.runs.supervision import true_status

    folder = open_run(workspace, options.run)
    request, status = folder.request(), true_status(folder)
    alarms = active_alarms(folder, request)
    lines, _ = folder.metrics()
    payload: dict[str, object] = {
        **run_payload(folder.run, status),
        "title": folder.title(),
        "message": status.message,
        "configuration": request.configuration,
        "request": request.model_dump(mode="json"),
        "progress": status.model_dump(mode="json"),
        "alarms": alarm_payload(alarms),
        "metrics": [asdict(line) for line in lines],
    }
    text = [run_line(folder.run, status), f"{request.method} on {request.dataset}"]
    text += [f"  {key} = {value}" for key, value in request.configuration.items()]
    if lines:
        text.append(f"Last metrics, step {lines[-1].step:,}:")
        text += [f"  {name} = {value:.6g}" for name, value in lines[-1].values.items()]
    text += alarm_lines(alarms)
    if status.state == "failed":
        text += ["The last lines of its log:", folder.log_tail(_LOG_LINES)]
    return Answer(payload, "\n".join(text))


def _stop(workspace: Workspace, options: argparse.Namespace) -> Answer:
    from ssl_core.commands.run_answers import run_line, run_payload
    from ssl_core.runs.folder import open_run
    from ssl_core.runs.launch import stop_run
    from ssl_core.runs.process import PATIENCE_SECONDS, wait_for_end
    from ssl_core.runs.status import FINAL_STATES
    from ssl_core.runs.supervision import true_status

    folder = open_run(workspace, options.run)
    if true_status(folder).state not in FINAL_STATES:
        tell("Waiting for the run to save and end; asked once more, it is ended at once.")
        stop_run(workspace, options.run)
    # This process keeps the time after which the run is killed, so it waits for the end.
    status = wait_for_end(folder, PATIENCE_SECONDS + 10)
    payload, text = run_payload(folder.run, status), run_line(folder.run, status)
    if status.state not in FINAL_STATES:
        return Answer(payload, text, 1, f"{folder.run} did not end. Try again.")
    return Answer(payload, text)


def _delete(workspace: Workspace, options: argparse.Namespace) -> Answer:
    from ssl_core.runs.launch import delete_run

    delete_run(workspace, options.run)
    return Answer({"run": options.run, "deleted": True}, f"Deleted {options.run}.")


COMMANDS = (
    Command("methods", "list the methods and their hyperparameters", no_arguments, _methods),
    Command("runs", "list the runs", no_arguments, _runs),
    Command("show", "status, settings and metrics of a run", _run_argument, _show),
    Command("stop", "stop a run; asked twice, at once", _run_argument, _stop),
    Command("delete", "delete a run that has ended", _run_argument, _delete),
)
