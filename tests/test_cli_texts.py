"""Importing texts on the command line: what columns are for, and what is answered."""

import io
import json
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from ssl_core import cli
from ssl_core.datasets.dataset import list_datasets
from ssl_core.workspace import SAMPLE_FOLDER, Workspace

ROWS = "id;body;age;mood;weight;kind\n" + "".join(
    f"r{i};a text of several words {i};{20 + i};{'good' if i % 2 else 'bad'};{i},5;{i % 3}\n"
    for i in range(30)
)


def run(*arguments: str) -> tuple[int, dict[str, object], str]:
    """Exit code, the JSON answer and what was said on standard error."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        try:
            code = cli.main([*arguments, "--json"])
        except SystemExit as exit_:
            code = int(exit_.code or 0)
    return code, json.loads(out.getvalue() or "{}"), err.getvalue()


@pytest.fixture
def table(workspace: Workspace, tmp_path: Path) -> str:
    path = tmp_path / "rows.csv"
    path.write_text(ROWS, encoding="utf-8")
    return str(path)


def kinds(answer: dict[str, object]) -> dict[str, str]:
    heads = answer["heads"]
    assert isinstance(heads, list)
    return {head["name"]: head["kind"] for head in heads}


def test_columns_are_used_as_they_look(table: str) -> None:
    code, answer, _ = run("import", table, "--name", "rows")
    assert code == 0
    assert (answer["kind"], answer["count"]) == ("texts", 30)
    assert kinds(answer) == {"mood": "binary", "kind": "categorical"}
    assert answer["columns"] == ["age", "weight"]


def test_every_use_can_be_chosen(table: str) -> None:
    code, answer, _ = run(
        *("import", table, "--name", "rows", "--text", "body", "--item-name", "id"),
        *("--numeric", "weight,kind", "--target", "age:regression:years"),
        *("--target", "mood:categorical"),
    )
    assert code == 0
    assert kinds(answer) == {"mood": "categorical", "age": "regression"}
    assert answer["columns"] == ["weight", "kind"]


def test_some_uses_leave_the_others_as_they_look(table: str) -> None:
    _, answer, _ = run("import", table, "--name", "rows", "--ignore", "weight,kind")
    assert kinds(answer) == {"mood": "binary"}
    assert answer["columns"] == ["age"]
    code, _, complaint = run("import", table, "--name", "other", "--ignore", "body")
    assert (code, "cannot be ignored" in complaint) == (1, True)


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--text", "nothing"], "no column 'nothing'. Its columns are: id, body, age"),
        (["--numeric", "age,nothing"], "no column 'nothing'"),
        (["--target", "age"], "Expected COLUMN:KIND"),
        (["--target", "age:binary"], "is value number 3 of the binary target 'age'"),
        (["--target", "body:categorical"], "'body' is given two uses"),
        (["--split", "kind"], "its split is '0'"),
    ],
)
def test_what_does_not_fit_is_one_line(
    table: str, workspace: Workspace, options: list[str], complaint: str
) -> None:
    code, _, said = run("import", table, "--name", "rows", *options)
    assert code == 1
    assert said.count("\n") == 1
    assert complaint in said
    assert list_datasets(workspace) == []


def test_ready_made_texts_and_their_listing(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("import", "posts", "--name", "Posts")[0] == 0
    code, _, said = run("import", "posts", "--name", "other", "--text", "text")
    assert (code, "are fixed" in said) == (1, True)
    assert cli.main(["datasets"]) == 0
    assert "posts    4,000  text" in capsys.readouterr().out


def test_images_have_no_columns(workspace: Workspace) -> None:
    code, _, said = run("import", str(SAMPLE_FOLDER), "--name", "x", "--text", "body")
    assert (code, "holds images, which have no columns" in said) == (1, True)
