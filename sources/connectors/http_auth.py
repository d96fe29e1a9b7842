"""How an interface is entered: the header for each request, and the secrets in it."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from urllib.parse import quote

from sources.connectors.errors import SourceError
from sources.connectors.secrets import Secrets
from sources.connectors.variables import fill
from sources.programme.model import Source

AskToken = Callable[[str, dict[str, str], dict[str, str]], bytes]
"""Posts form fields with headers to an address and gives the body of the answer."""


class Entrance:
    """The login of one pull: gives the header, and its secrets to `secrets`.

    A token of `token_url` is fetched before the first request and again, once, when a
    request is refused with 401. Grant `client_credentials` (RFC 6749, 4.4) sends user
    and password as basic login of the client, `password` (4.3) as form fields.

    Raises:
        SourceError: a variable is not set.
    """

    def __init__(
        self, source: Source, environment: Mapping[str, str], secrets: Secrets
    ) -> None:
        self._code = source.code
        self._auth = source.auth
        self._token = ""
        self._secrets = secrets
        if source.auth is None:
            return
        written = source.auth.model_dump(include={"user", "password", "token"})
        texts = {
            key: fill(source.code, text, environment, is_secret=key != "user")
            for key, text in written.items()
        }
        self._user, self._password = texts["user"], texts["password"]
        self._token = texts["token"] if source.auth.kind == "bearer" else ""
        self._token_url = fill(source.code, source.auth.token_url, environment)
        self._basic = base64.b64encode(
            f"{self._user}:{self._password}".encode()
        ).decode()
        secrets.add(self._password, self._token)
        if self._password:
            secrets.add(self._basic)

    @property
    def can_renew(self) -> bool:
        """True where a new token can be had."""
        return self._auth is not None and self._auth.kind == "token_url"

    def renew(self, ask: AskToken) -> None:
        """Fetches a token.

        Raises:
            SourceError: the answer holds no token.
        """
        assert self._auth is not None
        fields: dict[str, str] = {"grant_type": self._auth.grant}
        headers = {"Accept": "application/json"}
        if self._auth.grant == "password":
            fields |= {"username": self._user, "password": self._password}
        else:
            pair = f"{quote(self._user, safe='')}:{quote(self._password, safe='')}"
            encoded = base64.b64encode(pair.encode()).decode()
            self._secrets.add(encoded)
            headers["Authorization"] = f"Basic {encoded}"
        try:
            answer = json.loads(ask(self._token_url, fields, headers))
            token = answer["access_token"]
        except (ValueError, KeyError, TypeError, RecursionError):
            token = None
        if not isinstance(token, str) or not token:
            raise SourceError(
                f"source {self._code}: the answer of token_url holds no text"
                " access_token. Check that token_url in sources.yaml is the place where"
                " tokens are fetched."
            )
        self._secrets.add(token)
        self._token = token

    def headers(self, ask: AskToken) -> dict[str, str]:
        """The header that goes with a request; empty where nobody logs in.

        Raises:
            SourceError: a first token cannot be had.
        """
        if self._auth is None:
            return {}
        if self._auth.kind == "basic":
            return {"Authorization": f"Basic {self._basic}"}
        if self.can_renew and not self._token:
            self.renew(ask)
        return {"Authorization": f"{self._auth.scheme} {self._token}"}
