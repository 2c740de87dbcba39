"""PostgreSQL and Redis for these tests. Not in reach: they are left out, or fail where services are required."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.__main__ import POSTGRES, REDIS, REQUIRED, in_reach
from tests.services.house import House, build, take_down


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/services/" in item.nodeid:
            item.add_marker(pytest.mark.services)


@pytest.fixture(scope="session")
def services() -> None:
    missing = [url for url, port in ((POSTGRES, 5432), (REDIS, 6379)) if not in_reach(url, port)]
    if missing and REQUIRED:
        pytest.fail(f"REQUIRE_SERVICES=1 and not in reach: {', '.join(missing)}")
    if missing:
        pytest.skip(f"not in reach: {', '.join(missing)}")


@pytest.fixture(scope="session")
def built(services: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    house = build(tmp_path_factory.mktemp("house"))
    yield house
    take_down(house)


@pytest.fixture
def house(built: House) -> Iterator[House]:
    """No process runs, no call is there."""
    built.clear()
    yield built
    built.stop()
