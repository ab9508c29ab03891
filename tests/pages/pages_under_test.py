"""How the tests of pages run one page, or the whole application from its navigation."""

from pathlib import Path

from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).resolve().parent.parent.parent
NAVIGATION = ROOT / "pages" / "parts" / "navigation.py"
SECONDS = 30


def opened_page(name: str, dataset: str | None = None, **query: str) -> AppTest:
    """The page pages/<name>.py alone, run once; `query` is what else its address asks for."""
    page = AppTest.from_file(str(ROOT / "pages" / f"{name}.py"), default_timeout=SECONDS)
    if dataset:
        query["dataset"] = dataset
    for key, value in query.items():
        page.query_params[key] = value
    return page.run()


def opened_application(dataset: str | None = None) -> AppTest:
    """The whole application as the server runs it, at its first screen."""
    page = AppTest.from_file(str(NAVIGATION), default_timeout=SECONDS)
    if dataset:
        page.query_params["dataset"] = dataset
    return page.run()


def texts(page: AppTest) -> str:
    """Everything in words on the page: Markdown, HTML, headings, captions, messages, buttons."""
    elements = [
        *page.markdown,
        *page.title,
        *page.subheader,
        *page.caption,
        *page.error,
        *page.success,
        *page.warning,
        *page.info,
    ]
    html = [element.proto.body for element in page.get("html")]
    buttons = [button.label for button in page.button]
    return "\n".join([*(str(element.value) for element in elements), *html, *buttons])
