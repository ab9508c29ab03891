"""Requests of a page answered by the test in place of the server."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, Route

PROBE = "/is-it-intercepted"
ANSWERED = f"async () => (await (await fetch('{PROBE}')).text()) === 'yes'"


def intercept(page: Page, address: str, handler: Callable[[Route], Any]) -> None:
    """`page.route` that is in force when this returns.

    A page that is open already still sends to the server for a moment after `page.route` alone:
    the browser takes the rule over to the page beside its keys and clicks, in no order with them.
    """
    page.route(address, handler)
    page.route(f"**{PROBE}", lambda route: route.fulfill(body="yes"))
    page.wait_for_function(ANSWERED)
    page.unroute(f"**{PROBE}")
