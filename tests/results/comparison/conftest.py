from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from medic_console.results.measures import Measures


@pytest.fixture
def reader(compared_archive: Path) -> Iterator[Measures]:
    with closing(Measures(compared_archive)) as opened:
        yield opened
