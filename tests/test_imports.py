"""The import rules of docs/architecture.md, read from the source with `ast`."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
HEAVY = {"keras", "tensorflow", "jax", "torch", "onnx", "onnxruntime", "tf2onnx"}
INTERFACE = {"streamlit", "plotly"}
SHARED = tuple(  # light modules beside the folders of the methods, for all of them
    f"ssl_core.methods.{path.stem}" for path in (ROOT / "ssl_core" / "methods").glob("[!_]*.py")
)


def imports(source: str, package: str = "") -> Iterator[str]:
    """The dotted name of everything that `source` imports, inside functions too."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parents = package.split(".")[: len(package.split(".")) - node.level + 1]
            base = ".".join(filter(None, [*parents, node.module])) if node.level else node.module
            yield str(base)
            yield from (f"{base}.{alias.name}" for alias in node.names)


def is_heavy(path: str) -> bool:
    """Files that only a training process or a download child may import."""
    of_a_method = path.startswith("ssl_core/methods/") and path.count("/") == 3
    light = path.endswith(("/spec.py", "/__init__.py"))
    return path.startswith("ssl_core/training/") or (of_a_method and not light)


def broken_rules(path: str, source: str) -> list[str]:
    """What `source`, lying at `path`, may not import, as sentences."""
    package = ".".join(Path(path).with_suffix("").parts[:-1])
    found = set(imports(source, package))
    tops = {name.split(".")[0] for name in found}
    core = path.startswith("ssl_core/")
    web = path == "app.py" or path.startswith("pages/")
    screen = path.startswith("pages/") and path.count("/") == 1
    rules = {
        "the core imports the interface": core and tops & (INTERFACE | {"pages", "app"}),
        "light code imports a framework": (core and not is_heavy(path)) and tops & HEAVY,
        "the web process imports a framework": web and tops & HEAVY,
        "light code imports heavy code": (web or (core and not is_heavy(path)))
        and {
            name
            for name in found
            if name.startswith("ssl_core.training")
            or (name.startswith("ssl_core.methods.") and ".model" in name)
        },
        "a page imports another page": screen
        and {name for name in found if name.startswith("pages.") and "pages.parts" not in name},
        "a page does more than draw": screen and tops & {"sqlite3", "subprocess", "numpy"},
    }
    if path.startswith("ssl_core/methods/") and path.count("/") == 3:
        own = ".".join(Path(path).parts[:3])
        rules["a method reaches outside itself"] = {
            name
            for name in found
            if name.startswith(("ssl_core.runs", "pathlib", "os", "ssl_core.workspace"))
            or (name.startswith("ssl_core.methods.") and not name.startswith((own, *SHARED)))
        }
    return [f"{path}: {rule}: {sorted(names)}" for rule, names in rules.items() if names]


def test_every_import_points_the_allowed_way() -> None:
    sources = [ROOT / "app.py", *ROOT.glob("pages/**/*.py"), *ROOT.glob("ssl_core/**/*.py")]
    broken = [
        line
        for path in sources
        for line in broken_rules(path.relative_to(ROOT).as_posix(), path.read_text("utf-8"))
    ]
    assert not broken, "\n".join(broken)


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("ssl_core/stats.py", "import streamlit"),
        ("ssl_core/stats.py", "def f():\n    from keras import ops"),
        ("ssl_core/runs/launch.py", "from ssl_core.training import worker"),
        ("ssl_core/cli.py", "from ssl_core.methods.supervised.model import build"),
        ("pages/label.py", "from pages.train import draw"),
        ("pages/label.py", "import sqlite3"),
        ("app.py", "import tensorflow as tf"),
        ("ssl_core/methods/iic/model.py", "from ssl_core.methods.mine.model import critic"),
        ("ssl_core/methods/iic/model.py", "from pathlib import Path"),
    ],
)
def test_a_broken_rule_is_seen(path: str, source: str) -> None:
    assert broken_rules(path, source)
