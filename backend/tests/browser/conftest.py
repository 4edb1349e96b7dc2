"""What the tests of this folder share."""

from collections.abc import Iterator

import pytest

from tests.browser.chromium import BROWSERS


@pytest.fixture(scope="package", autouse=True)
def browsers() -> Iterator[None]:
    """Their browsers end with the last of them: other tests run event loops of their own."""
    yield
    BROWSERS.close()
