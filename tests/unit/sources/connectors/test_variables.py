"""Variables that are not set: said where needed, with a remedy that is safe."""

from __future__ import annotations

from typing import Any

import pytest

from sources.connectors.errors import SourceError
from sources.connectors.http_address import address_of
from sources.connectors.http_auth import Entrance
from sources.connectors.remote_options import options_of
from sources.connectors.secrets import Secrets
from sources.connectors.sql_database import open_database
from sources.connectors.variables import fill
from sources.programme.model import Source


def source(**given: Any) -> Source:
    return Source.model_construct(
        **{"code": "s", "auth": None, "options": {}, "url": "", **given}
    )


def entered(**auth: str) -> Source:
    texts = {"user": "u", "password": "", "token": "", "kind": "basic", **auth}
    made = Source.model_validate(
        {
            "code": "s",
            "name_vi": "s",
            "name_en": "s",
            "connector": "http",
            "url": "http://may/x",
            "http": {},
            "reader": "mapped",
            "number_style": "plain",
            "auth": texts,
        }
    )
    assert made.auth is not None
    return made


SECRETS = {
    "option": lambda: options_of(source(options={"password": "${PW}"}), {}),
    "password": lambda: Entrance(entered(password="${PW}"), {}, Secrets()),
    "token": lambda: Entrance(entered(kind="bearer", token="${PW}"), {}, Secrets()),
    "parameter": lambda: address_of(source(url="http://may/x?key=${PW}"), {}),
    "login": lambda: open_database(source(url="postgresql://u:${PW}@may/x"), {}),
}


@pytest.mark.parametrize("what", SECRETS)
def test_nobody_is_advised_to_write_a_secret_down(what: str) -> None:
    with pytest.raises(SourceError, match=r"variable PW, which is not set") as caught:
        SECRETS[what]()
    assert ":-" not in str(caught.value)
    assert "never in sources.yaml" in str(caught.value)


def test_what_is_no_secret_may_have_a_default() -> None:
    assert fill("s", "${PLACE:-inbox}/x", {}) == "inbox/x"
    with pytest.raises(SourceError, match=r"write \$\{PLACE:-value\} in sources"):
        fill("s", "${PLACE}/x", {})
