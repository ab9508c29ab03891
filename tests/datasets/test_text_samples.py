"""The texts made by rule: the same everywhere, and as learnable as they say."""

import hashlib
import math
from collections import Counter
from statistics import fmean

import numpy as np
import pytest

from ssl_core.datasets import text_samples
from ssl_core.datasets.dataset import open_dataset
from ssl_core.datasets.importer import ImportSource, run_import
from ssl_core.datasets.text_samples import COUNT, headlines, posts, text_sample
from ssl_core.workspace import Workspace

RULES = text_samples.__doc__ or ""


def u(text: str, cues: str) -> int:
    """Raising words minus lowering words, counted another way than the module does."""
    words = Counter(text.lower().replace(".", " ").split())
    known = text_samples._CUES[cues]
    signs = [1] * (len(known) // 2) + [-1] * (len(known) // 2)
    return sum(sign * words[word] for word, sign in zip(known, signs, strict=True))


def sigmoid(logit: float) -> float:
    return 1 / (1 + math.exp(-logit))


def in_test_split(rows: list[dict[str, str | int]]) -> list[dict[str, str | int]]:
    return [row for row in rows if row["split"] == "test"]


def test_size_and_lengths() -> None:
    for rows, shortest, longest in ((posts().rows, 30, 60), (headlines().rows, 6, 12)):
        assert len(rows) == COUNT
        assert len(in_test_split(rows)) == COUNT // 4
        lengths = [len(str(row["text"]).split()) for row in rows]
        assert min(lengths) >= shortest
        assert max(lengths) <= longest
        assert len({row["text"] for row in rows}) > 0.99 * COUNT


@pytest.mark.parametrize(
    ("key", "digest"),
    [("posts", "1e5dd65831bd6561"), ("headlines", "2cc16c1df6ada7a3")],
)
def test_they_are_the_same_on_every_machine(key: str, digest: str) -> None:
    assert hashlib.sha256(text_sample(key).open().read()).hexdigest()[:16] == digest


def test_no_cue_stands_in_two_lists() -> None:
    lists = [*text_samples._CUES.values(), *text_samples._PLAIN.values()]
    words = [word for known in lists for word in known]
    assert len(words) == len(set(words))


def test_the_best_possible_figures_are_those_of_the_docstring() -> None:
    """Whoever knows the rules gets this far in expectation, and no further."""
    rows = in_test_split(posts().rows)
    pulls = [2.5 * (u(str(row["text"]), "verbs") + u(str(row["text"]), "places")) for row in rows]
    gender = fmean(max(sigmoid(pull), sigmoid(-pull)) for pull in pulls)
    assert f"gender {100 * gender:.1f} % right" in RULES
    assert posts().best_on_test("gender") == pytest.approx(gender)
    assert f"income {100 * posts().best_on_test('income'):.1f} %" in RULES
    assert f"age {4 * math.sqrt(2 / math.pi):.1f} years" in RULES
    assert f"shared {100 * headlines().best_on_test('shared'):.1f} %" in RULES
    assert f"({100 * _without_numbers():.1f} % from the texts alone)" in RULES


def _without_numbers() -> float:
    """The best figure for `shared` of who does not see the numbers."""
    followers = (np.arange(400) + 0.5) / 100 - 2
    hours = np.array([1.5] * 6 + [-0.5] * 18)
    beside = 1.5 * followers[:, None] + hours[None, :]
    yes = {pull: np.mean(1 / (1 + np.exp(-1.5 * pull - beside))) for pull in range(-4, 5)}
    shares = [yes[u(str(row["text"]), "topics")] for row in in_test_split(headlines().rows)]
    return fmean(max(share, 1 - share) for share in shares)


def test_who_knows_the_rules_gets_what_is_promised() -> None:
    """And who guesses does not, so that the answers are in the texts."""
    rows = in_test_split(posts().rows)
    text = [str(row["text"]) for row in rows]
    pulls = [u(one, "verbs") + u(one, "places") for one in text]
    gender = fmean((p > 0) == (r["gender"] == "male") for p, r in zip(pulls, rows, strict=True))
    age = fmean(
        abs(42 + 5 * u(t, "nouns") - int(r["age"])) for t, r in zip(text, rows, strict=True)
    )
    groups = [1 + sum(u(one, "adjectives") > cut - 4.5 for cut in range(9)) for one in text]
    income = fmean(f"group {g}" == r["income"] for g, r in zip(groups, rows, strict=True))
    assert gender == pytest.approx(0.862, abs=0.04)
    assert age == pytest.approx(3.19, abs=0.2)
    assert income == pytest.approx(0.703, abs=0.04)
    assert max(Counter(row["gender"] for row in rows).values()) < 0.55 * len(rows)
    assert max(Counter(row["income"] for row in rows).values()) < 0.25 * len(rows)
    assert fmean(abs(42 - int(row["age"])) for row in rows) > 8


def test_they_are_imported_without_network(workspace: Workspace) -> None:
    made = run_import(workspace, ImportSource(location="catalogue:posts", name="Posts"))
    assert [(head.name, head.kind) for head in made.all_heads] == [
        ("gender", "binary"),
        ("age", "regression"),
        ("income", "categorical"),
    ]
    assert made.all_heads[2].classes == tuple(f"group {i}" for i in range(1, 11))
    assert any("gender 86.2 %" in note for note in made.notes)
    assert open_dataset(workspace, "posts").names_of([0]) == ["post 0001"]
    other = run_import(workspace, ImportSource(location="catalogue:headlines", name="Headlines"))
    assert other.columns == ("hour", "letters", "author_followers")
    assert other.classes == ("no", "yes")
    assert not workspace.downloads.exists() or not list(workspace.downloads.iterdir())
