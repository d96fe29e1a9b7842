"""S3 and stores that speak like it: s3fs, a file read in the state it was listed."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from aiobotocore.session import AioSession
from aiohttp import ClientError
from botocore.exceptions import (
    BotoCoreError,
    NoCredentialsError,
    ParamValidationError,
    PartialCredentialsError,
)
from botocore.loaders import create_loader
from fsspec.asyn import sync
from s3fs import S3FileSystem

from sources.connectors.http_answer import http_date
from sources.connectors.remote_system import (
    Changed,
    Entry,
    Refused,
    RemoteSystem,
    check_options,
)

_OPTIONS = (
    "username",
    "password",
    "endpoint_url",
    "client_kwargs",
    "anon",
    "token",
    "profile",
)
_NOT_AS_LISTED = ("PreconditionFailed", "412")


class S3(RemoteSystem):
    """A bucket, or what lies below a prefix; an empty prefix is an empty folder."""

    def close(self) -> None:
        """See `RemoteSystem`."""
        sync(self._system.loop, self._system.s3.close, timeout=self._given.timeout)

    def entries(
        self, is_open: Callable[[str], bool], closed: Callable[[str], None]
    ) -> Iterator[Entry]:
        """See `RemoteSystem`; one flat listing, whatever the number of folders."""
        with self._told():
            found = self._system.find(self._root, detail=True)
        for path, facts in found.items():
            relative = path.removeprefix(self._root).lstrip("/")
            folders = relative.split("/")[:-1]
            above = ("/".join(folders[: at + 1]) for at in range(len(folders)))
            is_marker = not relative or relative.endswith("/")
            if not is_marker and facts["type"] == "file" and all(map(is_open, above)):
                yield self._entry(relative, facts)

    def read(self, entry: Entry) -> bytes:
        """See `RemoteSystem`; the store itself refuses another state (If-Match)."""
        bucket, _, key = self._path(entry.relative).partition("/")
        with self._told():
            try:
                answer = self._system.call_s3(
                    "get_object", Bucket=bucket, Key=key, IfMatch=entry.version
                )
            except OSError as error:
                if _code(error) in _NOT_AS_LISTED:
                    raise Changed(entry.relative) from None
                raise
            content: bytes = sync(self._system.loop, _whole, answer["Body"])
        if len(content) != entry.size:
            raise Changed(entry.relative)
        return content

    def write(self, relative: str, data: bytes) -> None:
        """See `RemoteSystem`; a store shows an object only when all of it is there."""
        with self._told():
            self._system.pipe_file(self._path(relative), data)

    def _connect(self) -> tuple[Any, str]:
        given = self._given
        options = dict(given.options)
        check_options(options, _OPTIONS, (S3FileSystem.__init__,))
        patience = {
            "connect_timeout": given.timeout,
            "read_timeout": given.timeout,
            "retries": {"max_attempts": 0},  # the tries are counted in one place only
        }
        options["config_kwargs"] = {**patience, **options.get("config_kwargs", {})}
        session = AioSession(profile=options.pop("profile", None))
        session.register_component("data_loader", _models())
        system = S3FileSystem(
            session=session,
            skip_instance_cache=True,
            use_listings_cache=False,
            **options,
        )
        system.retries = 1
        system.s3.meta.events.register("after-call.s3", self._note_clock)
        return system, given.address.text.partition("://")[2].strip("/")

    def _note_clock(self, parsed: dict[str, Any], **_: object) -> None:
        headers = parsed.get("ResponseMetadata", {}).get("HTTPHeaders", {})
        self.clock = http_date(headers.get("date")) or self.clock

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (NoCredentialsError, PartialCredentialsError) as error:
            raise Refused(
                f"{error}. Give them in the options `username` and `password`"
            ) from None
        except (ParamValidationError, ValueError) as error:
            raise Refused(f"the address or an option is wrong: {error}") from None
        except (BotoCoreError, ClientError) as error:  # a body that breaks off
            raise OSError(f"{type(error).__name__}: {error}") from None


@functools.cache
def _models() -> Any:
    """The description of S3, read once: 0.15 s of the 0.16 s that a client costs."""
    return create_loader()


async def _whole(body: Any) -> bytes:
    try:
        content: bytes = await body.read()
        return content
    finally:
        body.close()


def _code(error: OSError) -> str:
    response = getattr(error.__cause__, "response", None) or {}
    return str(response.get("Error", {}).get("Code", ""))
