"""Buttons that download."""

import ast

from ssl_core.workspace import PROJECT_ROOT


def test_a_click_on_a_download_does_not_draw_the_page_again() -> None:
    """What a click makes belongs to one drawing, and is gone where the next one is faster."""
    found = {}
    for path in (PROJECT_ROOT / "pages").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "st.download_button":
                options = {one.arg: ast.unparse(one.value) for one in node.keywords}
                found[f"{path.name}:{node.lineno}"] = options.get("on_click")
    assert len(found) >= 5
    assert set(found.values()) == {"'ignore'"}, found
