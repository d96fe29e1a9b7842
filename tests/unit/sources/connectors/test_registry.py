from __future__ import annotations

import pytest

from sources.connectors.registry import fetch_of, is_asked
from sources.programme.model import Source
from sources.programme.tables import ASKED

SOURCE = Source(
    code="s", name_vi="s", name_en="s", reader="mapped", number_style="plain"
)


@pytest.mark.parametrize("name", ASKED)
def test_every_connector_that_is_asked_has_a_fetch_and_a_block(name: str) -> None:
    source = SOURCE.model_copy(update={"connector": name})
    assert is_asked(source)
    assert callable(fetch_of(source))
    assert name in Source.model_fields


def test_a_drop_folder_is_listed_and_not_asked() -> None:
    assert not is_asked(SOURCE)
