"""What the tests of the warehouse share."""

from pathlib import Path

import pytest

from tests.warehouse.town import Town, residents


@pytest.fixture
def bare(tmp_path: Path) -> Town:
    """A gemeente of which nothing was loaded."""
    return Town(tmp_path)


@pytest.fixture
def town(bare: Town) -> Town:
    """A gemeente with outlines and key figures of 2024."""
    bare.outlines()
    bare.figures(residents())
    return bare
