"""What a page of measurements says about where they were taken."""

import platform

import pytest

from bench.report import machine


def test_the_system_is_named_without_its_build(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "release", lambda: "5.10.0-21-amd64")
    assert f"{platform.system()} 5.10, Python" in machine()
