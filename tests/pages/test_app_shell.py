"""The frame around the pages: dataset choice, menu, errors, words, and who may connect."""

import asyncio
import importlib.metadata
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from asgi_client import call, connect
from pages_under_test import ROOT, opened_application, opened_page, texts
from starlette.responses import PlainTextResponse

from pages.parts import session, words
from pages.parts.access import ENTRANCE, Gate, is_loopback, refuse_open_door
from pages.parts.screens import SCREENS
from pages.parts.start import prepare
from ssl_core.datasets.dataset import delete_dataset, list_datasets

# The chosen dataset


def test_the_address_decides_and_is_kept(workspace, make_dataset):
    make_dataset(name="one")
    make_dataset(name="two")
    page = opened_application("two")
    assert not page.exception
    assert page.selectbox[0].value == "two"
    page.selectbox[0].set_value("one").run()
    assert list(page.query_params["dataset"]) in (["one"], list("one"))
    page.switch_page(str(ROOT / "pages" / "data.py")).run()
    assert not page.exception
    assert page.selectbox[0].value == "one"
    assert list(page.query_params["dataset"]) in (["one"], list("one"))


def test_a_new_address_wins_over_the_last_choice(workspace, make_dataset):
    make_dataset(name="one")
    make_dataset(name="two")
    page = opened_application("two")
    page.query_params["dataset"] = "one"
    assert page.run().selectbox[0].value == "one"


def test_a_choice_that_a_run_cut_short_has_lost_is_in_the_address(
    workspace, make_dataset, monkeypatch
):
    for name in ("one", "two"):
        make_dataset(name=name)
    told = []
    streamlit = SimpleNamespace(
        session_state={"dataset_in_address": "one"},
        query_params={"dataset": "one"},
        toast=told.append,
    )
    monkeypatch.setattr(session, "st", streamlit)
    assert session._decide(list_datasets(workspace)) == "one"
    assert not told


def test_a_deleted_dataset_falls_back_to_another(workspace, make_dataset):
    make_dataset(name="one")
    make_dataset(name="two")
    page = opened_application("two")
    delete_dataset(workspace, "two")
    page.run()
    assert not page.exception
    assert page.selectbox[0].value == "one"
    delete_dataset(workspace, "one")
    page.run()
    assert not page.exception
    assert not page.selectbox


def test_every_screen_is_in_the_menu(workspace):
    page = opened_application()
    links = [link.proto.label for link in page.sidebar.get("page_link")]
    assert links == [entry.title for entry in SCREENS]


@pytest.mark.parametrize("name", ["**bold**.png", "![](http://x.org/a.png)", ":red[x] `y` $z$"])
def test_a_name_with_markup_is_shown_letter_by_letter(name):
    shown = words.plain(name)
    assert shown.replace("\\", "").replace("\u2060", "") == name
    assert "http:" not in shown
    assert "![" not in shown


# Errors


def failing_page():
    import streamlit as st

    from pages.parts.session import guarded, tell
    from ssl_core.errors import UserError

    with guarded():
        raise UserError("The file cats.zip is empty. Choose another one.")
    try:
        raise ValueError("secret detail")
    except ValueError as error:
        tell(error)
    st.write("still here")


def test_errors_are_sentences_and_details_go_to_the_log(workspace):
    from streamlit.testing.v1 import AppTest

    page = AppTest.from_function(failing_page).run()
    told = [error.value.replace("\\", "") for error in page.error]
    assert told[0] == "The file cats.zip is empty. Choose another one."
    assert "Something went wrong" in told[1]
    assert "secret detail" not in told[1]
    log = workspace.root / "log" / "dashboard.txt"
    assert str(log) in told[1]
    assert "secret detail" in log.read_text()
    assert "still here" in texts(page)


def test_a_missing_workspace_is_told(tmp_path, monkeypatch):
    blocked = tmp_path / "file"
    blocked.write_text("")
    monkeypatch.setenv("HANDFUL_WORKSPACE", str(blocked / "inside"))
    page = opened_application()
    assert not page.exception
    assert "cannot be used" in page.error[0].value


def test_the_start_goes_on_without_the_sample(workspace, monkeypatch):
    def broken(_):
        raise OSError("disk full")

    monkeypatch.setattr("pages.parts.start.ensure_sample", broken)
    prepare()


# Names


def test_no_part_hides_another_module():
    """Streamlit puts pages/parts on the import path while a page runs."""
    parts = {path.stem for path in (ROOT / "pages" / "parts").iterdir()}
    installed = set(importlib.metadata.packages_distributions())
    assert not parts & (set(sys.stdlib_module_names) | installed | {"ssl_core", "pages", "app"})


def test_quantities_are_written_for_people():
    assert words.count(1234567) == "1\u2009234\u2009567"
    assert words.counted(1, "image") == "1 image"
    assert words.counted(2, "class", "classes") == "2 classes"
    assert words.size(62_190_935) == "62.2 MB"
    assert words.size(12) == "12 bytes"
    assert [words.duration(value) for value in (0.42, 59.6, 75, 7300)] == [
        "0.4 s",
        "1 min 0 s",
        "1 min 15 s",
        "2 h 1 min",
    ]
    assert words.share(0.934) == "93.4\u2009%"
    assert words.short("x" * 100, 20) == "x" * 13 + "…" + "x" * 6
    now = datetime.now(UTC)
    assert words.ago((now - timedelta(minutes=5, seconds=3)).isoformat()) == "5\u00a0min\u00a0ago"
    assert words.ago("yesterday") == ""


# Who may connect


def gate(monkeypatch, token=""):
    """The gate in front of an application that always answers."""
    monkeypatch.setenv("HANDFUL_TOKEN", token)

    async def inner(scope, receive, send):
        if scope["type"] == "websocket":
            await send({"type": "websocket.accept"})
        else:
            await PlainTextResponse("hello")(scope, receive, send)

    return Gate(inner)


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8501", 200),
        ("localhost:8501", 200),
        ("[::1]:8501", 200),
        ("evil.example", 421),
        ("127.0.0.1.evil.example", 421),
        ("", 421),
    ],
)
def test_a_foreign_host_name_is_not_answered(monkeypatch, host, status):
    assert call(gate(monkeypatch), "GET", "/", headers={"host": host}).status == status


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ({}, 200),
        ({"origin": "http://127.0.0.1:8501"}, 200),
        ({"origin": "http://127.0.0.1:8502"}, 403),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "null"}, 403),
    ],
)
def test_foreign_pages_may_not_write_or_listen(monkeypatch, origin, status):
    assert call(gate(monkeypatch), "POST", "/", headers=origin).status == status
    expected = "websocket.accept" if status == 200 else "websocket.close"
    assert connect(gate(monkeypatch), "/_stcore/stream", origin) == [expected]


def test_answers_may_not_be_framed_and_load_nothing_from_outside(monkeypatch):
    headers = call(gate(monkeypatch), "GET", "/").headers
    assert headers["x-frame-options"] == "DENY"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "default-src 'self'" in headers["content-security-policy"]


def test_a_token_is_asked_for_everywhere(monkeypatch):
    door = gate(monkeypatch, "long secret")
    refused = call(door, "GET", "/data", query={"dataset": "one"})
    assert refused.status == 401
    assert 'value="/data?dataset=one"' in refused.text
    assert call(door, "GET", "/", headers={"host": "machine.example"}).status == 401
    assert call(door, "GET", "/", headers={"cookie": "handful_access=wrong"}).status == 401
    assert connect(door, "/_stcore/stream") == ["websocket.close"]
    assert call(door, "POST", ENTRANCE, body=b"token=wrong").status == 401
    let_in = call(door, "POST", ENTRANCE, body=b"token=long+secret&next=//evil.example")
    assert (let_in.status, let_in.headers["location"]) == (303, "/")
    cookie = let_in.headers["set-cookie"]
    assert "httponly" in cookie.lower()
    assert "long secret" not in cookie
    carried = {"cookie": cookie.split(";")[0]}
    assert call(door, "GET", "/", headers=carried).status == 200
    assert connect(door, "/_stcore/stream", carried) == ["websocket.accept"]


def test_lifespan_messages_pass():
    seen = []

    async def inner(scope, receive, send):
        seen.append(scope["type"])

    asyncio.run(Gate(inner)({"type": "lifespan"}, None, None))
    assert seen == ["lifespan"]


@pytest.mark.parametrize(
    ("address", "local"),
    [
        ("127.0.0.1", True),
        ("localhost", True),
        ("::1", True),
        ("0.0.0.0", False),
        (None, False),
        ("192.168.1.5", False),
        ("machine.example", False),
    ],
)
def test_only_loopback_addresses_need_no_token(monkeypatch, address, local):
    assert is_loopback(address) is local
    monkeypatch.setattr("pages.parts.access.config.get_option", lambda _: address)
    monkeypatch.delenv("HANDFUL_TOKEN", raising=False)
    if local:
        refuse_open_door()
        return
    with pytest.raises(SystemExit, match="HANDFUL_TOKEN"):
        refuse_open_door()
    monkeypatch.setenv("HANDFUL_TOKEN", "long secret")
    refuse_open_door()


def test_a_page_alone_works_without_the_frame(workspace, make_dataset):
    make_dataset(name="one")
    page = opened_page("home", "one")
    assert not page.exception
    assert Path(ROOT / "app.py").is_file()
