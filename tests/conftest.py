"""What all tests share."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--rewrite-cases",
        action="store_true",
        help="write what the code gives today into the JSON cases of applets and adapters; review the diff",
    )


@pytest.fixture
def rewrite_cases(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--rewrite-cases"))
