"""What the tests of the index share: an index to be copied and changed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from indexed_site import CHARTER, FOOTBATH, Site


@pytest.fixture(autouse=True, scope="module")
def own_cache(cache_folder: Path) -> Iterator[None]:
    """The toy model's background vectors are kept apart from the user's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(cache_folder))
        yield


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Two documents, indexed. Not to be written to."""
    return Site.begun(tmp_path_factory.mktemp("built"), charte=CHARTER, ashiyu=FOOTBATH)


@pytest.fixture
def site(built: Site, tmp_path: Path) -> Site:
    """A copy of them and of their index, to be changed."""
    return built.copied(tmp_path)
