"""What all tests share."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connections


@pytest.fixture(scope="session")
def django_db_modify_db_settings(tmp_path_factory: pytest.TempPathFactory) -> None:
    """SQLite in a file, as in use: one in memory cannot be shared by threads and by the store's own connections."""
    database = connections["default"].settings_dict
    if database["ENGINE"].endswith("sqlite3"):
        database["TEST"]["NAME"] = str(Path(tmp_path_factory.mktemp("database")) / "test.sqlite3")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--rewrite-cases",
        action="store_true",
        help="write what the code gives today into the JSON cases of applets and adapters; review the diff",
    )


@pytest.fixture
def rewrite_cases(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--rewrite-cases"))
