"""Studies whose runs are folders without a process, until a test says how they ended."""

import pytest

from ssl_core.runs import launch


@pytest.fixture
def no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launch, "_start", lambda folder: None)
