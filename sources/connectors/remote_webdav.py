"""WebDAV: webdav4 over httpx, one PROPFIND for each folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote
from xml.etree.ElementTree import ParseError

import httpx
from webdav4.client import (
    Client,
    ClientError,
    HTTPError,
    IsAResourceError,
    ResourceNotFound,
)
from webdav4.fsspec import WebdavFileSystem

from sources.connectors.http_answer import http_date
from sources.connectors.remote_system import (
    Changed,
    Entry,
    Refused,
    RemoteSystem,
    check_options,
)

_OPTIONS = ("username", "password", "verify", "cert", "headers")
_UNAUTHORISED, _FORBIDDEN, _NOT_AS_LISTED = 401, 403, 412


class WebDav(RemoteSystem):
    """A collection of a WebDAV server; an address without `+http` has TLS."""

    def close(self) -> None:
        """See `RemoteSystem`."""
        self._system.client.http.close()

    def _connect(self) -> tuple[Any, str]:
        address = self._given.address
        options = dict(self._given.options)
        check_options(options, _OPTIONS, (Client.__init__, httpx.Client.__init__))
        user = options.pop("username", address.machine.username)
        password = options.pop("password", "")
        netloc = address.machine.netloc.rpartition("@")[2]
        system = WebdavFileSystem(
            f"{address.scheme.partition('+')[2]}://{netloc}",
            auth=(user, password) if user else None,
            timeout=self._given.timeout,
            retry=False,  # the tries are counted in one place only
            event_hooks={"response": [self._note_clock]},
            skip_instance_cache=True,
            **options,
        )
        return system, address.path.rstrip("/")

    def _path(self, relative: str) -> str:
        # webdav4 takes `%41` in a name for `A`, and `?` for the end of it
        return quote(super()._path(relative))

    def _note_clock(self, response: httpx.Response) -> None:
        self.clock = http_date(response.headers.get("date")) or self.clock

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except ResourceNotFound as error:
            raise FileNotFoundError(2, "not found", error.path) from None
        except IsAResourceError as error:
            raise NotADirectoryError(20, "is no folder", error.path) from None
        except HTTPError as error:
            if error.status_code == _UNAUTHORISED:
                raise Refused(f"it does not let us in: {error}") from None
            if error.status_code == _FORBIDDEN:
                raise PermissionError(str(error)) from None
            raise OSError(str(error)) from None
        except (ClientError, httpx.HTTPError) as error:
            raise OSError(f"{type(error).__name__}: {error}") from None
        except (ParseError, KeyError, AssertionError) as error:
            raise OSError(f"it answers what is no WebDAV: {error!r}") from None
        except httpx.InvalidURL as error:
            raise Refused(f"the address is wrong: {error}") from None

    def _list(self, path: str) -> list[dict[str, Any]]:
        # not the file system's own ls, which strips blanks at the ends of names
        found = self._system.client.ls(path, detail=True, allow_listing_resource=False)
        return [{**facts, "size": facts["content_length"]} for facts in found]

    def _read(self, path: str, entry: Entry) -> bytes:
        headers = {"If-Match": entry.version} if entry.version else {}
        try:
            answer = self._system.client.request("GET", path, headers=headers)
        except HTTPError as error:
            if error.status_code == _NOT_AS_LISTED:
                raise Changed(entry.relative) from None
            raise
        content: bytes = answer.content
        return content

    def _write(self, target: str, data: bytes) -> None:
        self._system.pipe_file(f"{target}.part", data)
        # not the file system's own mv, which copies and removes
        self._system.client.move(f"{target}.part", target, overwrite=True)
