"""Two sets of texts made by rule, so that the best possible figures of any method are known.

Nobody wrote these texts and they say nothing about people: which words go with which answer was
drawn by lot. Of each list of `_CUES` the words of the first half raise an answer, the others
lower it; u(list) is the number of raising words minus the number of lowering words in a text.

`posts`, 4,000 posts of 30 to 60 words:
    gender  P(male) = 1 / (1 + exp(-2.5 (u(verbs) + u(places))))
    age     42 + 5 u(nouns) + normal noise of 4 years, whole years in 16..90
    income  group 1 to 10: u(adjectives) + normal noise of 0.5, cut at -4.5, -3.5 .. 3.5
`headlines`, 4,000 headlines of 6 to 11 words, with numbers beside them:
    shared  P(yes) = 1 / (1 + exp(-(1.5 u(topics) + 1.5 (log10(author_followers) - 4) + e))),
            e = 1.5 for an hour of 17 to 22, else -0.5; the column `letters` says nothing

A method that knew the rules would reach on the test splits: gender 86.2 % right, income 70.3 %,
age 3.2 years of mean absolute error, shared 83.7 % (70.8 % from the texts alone).
"""

import csv
import io
import math
from dataclasses import dataclass
from functools import cache
from random import Random
from statistics import NormalDist

from ssl_core.datasets.readers.source import TextSource
from ssl_core.datasets.text_columns import TargetColumn, TextColumns

COUNT = 4000
TEST_SHARE = 0.25
_SEED = 20240607


def _words(text: str) -> list[str]:
    return text.split()


_CUES = {
    "verbs": _words(
        "carried painted folded borrowed stacked counted lifted wrapped "
        "cleaned opened sorted moved labelled measured watered hid"
    ),
    "places": _words(
        "upstairs downtown outside abroad online nearby indoors there "
        "here downstairs somewhere everywhere anywhere overseas inside elsewhere"
    ),
    "nouns": _words(
        "lantern pencil bridge ticket basket mirror kettle ladder "
        "button puzzle window blanket marble whistle anchor candle"
    ),
    "adjectives": _words(
        "striped round wooden narrow silver heavy crooked shiny "
        "square purple hollow smooth bent wide paper dusty"
    ),
    "topics": _words(
        "harbour comet orchard tunnel violin glacier market beacon "
        "canal meadow quarry pier forest library station tower"
    ),
}
_PLAIN = {
    "nouns": _words("table jacket bottle letter garden notebook bicycle umbrella"),
    "adjectives": _words("green small old new quiet plain yellow spare"),
    "topics": _words("city council morning report plan visit season school"),
}
_WHEN = _words("today yesterday then later afterwards finally again tonight")
_NEWS = _words("opens closes surprises delays welcomes reaches follows leaves")
_TAILS = ["", "once more", "after a long wait", "this week", "before winter", "for now"]
_AGE_NOISE, _INCOME_NOISE = 4.0, 0.5
_CUTS = [cut - 4.5 for cut in range(9)]

TEXT_COLUMNS = {
    "posts": TextColumns(
        text="text",
        name="post",
        targets=(
            TargetColumn(column="gender", kind="binary"),
            TargetColumn(column="age", kind="regression", unit="years"),
            TargetColumn(column="income", kind="categorical"),
        ),
        split="split",
    ),
    "headlines": TextColumns(
        text="text",
        name="headline",
        numeric=("hour", "letters", "author_followers"),
        targets=(TargetColumn(column="shared", kind="binary"),),
        split="split",
    ),
}


@dataclass(frozen=True)
class Made:
    """Rows of a set, and how likely the best guess of each answer is right: name -> (count,)."""

    rows: list[dict[str, str | int]]
    best: dict[str, list[float]]

    def best_on_test(self, answer: str) -> float:
        """Share of the test split that a method which knows the rule gets right, in 0..1."""
        pairs = zip(self.rows, self.best[answer], strict=True)
        found = [best for row, best in pairs if row["split"] == "test"]
        return sum(found) / len(found)


def text_sample(key: str) -> TextSource:
    """The set `posts` or `headlines` as a CSV file, the same on every machine."""
    made = posts() if key == "posts" else headlines()
    text = io.StringIO()
    writer = csv.DictWriter(text, list(made.rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(made.rows)
    content = text.getvalue().encode()
    return TextSource("made by rule", f"{key}.csv", lambda: io.BytesIO(content), (), _notes(made))


@cache
def posts() -> Made:
    """4,000 posts with gender, age and income; see the rules above."""
    random = Random(_SEED)
    tests = _test_items(random)
    made = Made([], {"gender": [], "income": []})
    for item in range(COUNT):
        sentences = [_sentence(random) for _ in range(3 + int(random.random() * 3))]
        text = " ".join(f"{sentence[0].upper()}{sentence[1:]}." for sentence in sentences)
        male = _share(2.5 * (_pull(text, "verbs") + _pull(text, "places")))
        age = 42 + 5 * _pull(text, "nouns") + _noise(random, _AGE_NOISE)
        signal = _pull(text, "adjectives")
        income = signal + _noise(random, _INCOME_NOISE)
        row: dict[str, str | int] = {
            "post": f"post {item + 1:04d}",
            "text": text,
            "gender": "male" if random.random() < male else "female",
            "age": min(90, max(16, round(age))),
            "income": f"group {1 + sum(income > cut for cut in _CUTS)}",
            "split": "test" if item in tests else "train",
        }
        made.rows.append(row)
        made.best["gender"].append(max(male, 1 - male))
        made.best["income"].append(_likeliest_group(signal))
    return made


@cache
def headlines() -> Made:
    """4,000 headlines with three numbers and whether they were shared; see the rules above."""
    random = Random(_SEED + 1)
    tests = _test_items(random)
    made = Made([], {"shared": []})
    for item in range(COUNT):
        text = _headline(random)
        hour = int(random.random() * 24)
        followers = round(10 ** (2 + 4 * random.random()))
        evening = 1.5 if 17 <= hour <= 22 else -0.5
        yes = _share(1.5 * _pull(text, "topics") + 1.5 * (math.log10(followers) - 4) + evening)
        row: dict[str, str | int] = {
            "headline": f"headline {item + 1:04d}",
            "text": text,
            "hour": hour,
            "letters": len(text),
            "author_followers": followers,
            "shared": "yes" if random.random() < yes else "no",
            "split": "test" if item in tests else "train",
        }
        made.rows.append(row)
        made.best["shared"].append(max(yes, 1 - yes))
    return made


def _sentence(random: Random) -> str:
    """Ten to twelve words, among them two nouns, two adjectives, a verb and a place."""
    words = [
        _one(random, _WHEN),
        "I" if random.random() < 0.5 else "we all",
        _one(random, _CUES["verbs"]),
        "the",
        _mixed(random, "adjectives"),
        _mixed(random, "nouns"),
        "and the" if random.random() < 0.5 else "with the",
        _mixed(random, "adjectives"),
        _mixed(random, "nouns"),
        _one(random, _CUES["places"]),
    ]
    return " ".join(words)


def _headline(random: Random) -> str:
    """Six to eleven words, among them three topics."""
    words = [
        _mixed(random, "adjectives"),
        _mixed(random, "topics"),
        _one(random, _NEWS),
        _mixed(random, "topics"),
        "and" if random.random() < 0.5 else "near the",
        _mixed(random, "topics"),
        _one(random, _TAILS),
    ]
    return " ".join(word for word in words if word).capitalize()


def _pull(text: str, cues: str) -> int:
    """u(list) of the rules: raising minus lowering words."""
    words = text.lower().replace(".", "").split()
    known = _CUES[cues]
    half = len(known) // 2
    return sum((word in known[:half]) - (word in known[half:]) for word in words)


def _one(random: Random, words: list[str]) -> str:
    return words[int(random.random() * len(words))]


def _mixed(random: Random, words: str) -> str:
    """A word that has a say in two of three cases."""
    return _one(random, _CUES[words] if random.random() < 2 / 3 else _PLAIN[words])


def _noise(random: Random, deviation: float) -> float:
    return NormalDist(0, deviation).inv_cdf(random.random() or 0.5)


def _share(logit: float) -> float:
    return 1 / (1 + math.exp(-logit))


def _likeliest_group(signal: float) -> float:
    """The chance of the likeliest of the ten groups."""
    below = [NormalDist(signal, _INCOME_NOISE).cdf(cut) for cut in _CUTS]
    return max(upper - lower for lower, upper in zip([0, *below], [*below, 1], strict=True))


def _test_items(random: Random) -> set[int]:
    order = sorted(range(COUNT), key=lambda _: random.random())
    return set(order[: int(COUNT * TEST_SHARE)])


def _notes(made: Made) -> list[str]:
    best = [f"{answer} {100 * made.best_on_test(answer):.1f} %" for answer in made.best]
    age = ", age 3.2 years of mean absolute error" if "age" in made.rows[0] else ""
    return [
        "Made by rule with chance in it: nobody wrote these texts, and which words go with which "
        "answer was drawn by lot.",
        f"No method can be better on average than: {', '.join(best)} right{age}.",
    ]
