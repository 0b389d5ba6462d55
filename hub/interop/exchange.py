"""One HTTP request to a partner and its answer, with every outcome typed.

Redirects are never followed, bodies never unpacked, and the address is resolved once, judged, and connected to: no URL
leads into our own network.
"""

import base64
import re
import ssl
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Annotated, NamedTuple
from urllib.parse import urlsplit

import httpcore
from pydantic import BaseModel, ConfigDict, Field

from hub.errors import HubError, InDoubtError, PermanentError, TransientError
from hub.interop.network import GuardedNetwork

EVIDENCE = 64 * 1024
RETRY_AFTER_CAP = 3600.0
Seconds = Annotated[float, Field(gt=0, le=3600)]


class Reach(BaseModel):
    """How far and how long a connection may reach."""

    model_config = ConfigDict(extra="forbid")

    allow_private: bool = Field(False, description="Allow private and local addresses, and plain http.")
    ca: str | None = Field(None, description="Certificates (PEM) to trust instead of the system's authorities.")
    connect_timeout: Seconds = Field(10, description="Seconds to connect.")
    timeout: Seconds = Field(30, description="Seconds to wait for the next bytes.")
    total_timeout: Seconds = Field(120, description="Seconds for the whole exchange.")


def check_url(url: str, reach: Reach) -> None:
    """ValueError: a setting may not name this URL."""
    parts = urlsplit(url)
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise ValueError("url must begin with https:// and name a host")
    if not url.isascii() or not url.isprintable() or " " in url or parts.port == 0:
        raise ValueError("url must be plain ASCII: encode spaces and letters as %.., a host as xn--..")
    if parts.username is not None or parts.password is not None:
        raise ValueError("url must not hold a user or password: use auth and secret")
    if parts.scheme == "http" and not reach.allow_private:
        raise ValueError("url must be https: plain http is for private networks (allow_private = true)")


class Answer(NamedTuple):
    """headers have lower-case names; the body is cut off at what was wanted of it; broken says why it broke off."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    broken: str


class Exchange:
    """Requests to one URL. identity is the header by which the partner knows a repetition; repeatable: it takes the
    same one only once.
    """

    def __init__(self, reach: Reach, method: str, url: str, *, identity: str, repeatable: bool) -> None:
        self._reach, self._method, self._url = reach, method, url
        self._identity, self._repeatable = identity, repeatable
        self._about = f"{method} {url}"

    def send(self, body: bytes, headers: Mapping[str, str], most: int = EVIDENCE) -> Answer:
        """Send it and read at most so many bytes of the answer's body.

        Only a 2xx status, whole, comes back. TransientError, PermanentError, InDoubtError: everything else.
        """
        self._check_headers(headers)
        reach = self._reach
        network = GuardedNetwork(allow_private=reach.allow_private, seconds=reach.total_timeout)
        tls = self._tls() if self._url.startswith("https:") else None
        timeouts = {"connect": reach.connect_timeout, "read": reach.timeout, "write": reach.timeout, "pool": 1.0}
        try:
            with (
                httpcore.ConnectionPool(ssl_context=tls, network_backend=network, max_connections=1) as pool,
                pool.stream(
                    self._method,
                    self._url,
                    headers=[(name.encode(), value.encode()) for name, value in headers.items()],
                    content=body,
                    extensions={"timeout": timeouts},
                ) as response,
            ):
                answer = _read(response, most)
        except (
            httpcore.NetworkError,
            httpcore.ProtocolError,
            httpcore.TimeoutException,
            httpcore.UnsupportedProtocol,
            OSError,
        ) as error:
            raise self._typed(error, network) from error
        self._judge(answer)
        return answer

    def test(self) -> str:
        """Resolve, connect, and look at the certificate; no request is sent."""
        reach, parts = self._reach, urlsplit(self._url)
        network = GuardedNetwork(allow_private=reach.allow_private, seconds=reach.total_timeout)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        try:
            stream: httpcore.NetworkStream = network.connect_tcp(parts.hostname or "", port, reach.connect_timeout)
            try:
                if parts.scheme == "https":
                    stream = stream.start_tls(self._tls(), parts.hostname, reach.connect_timeout)
            finally:
                stream.close()
        except (httpcore.NetworkError, httpcore.TimeoutException, OSError) as error:
            raise self._typed(error, network, f"{parts.scheme}://{parts.hostname}:{port}") from error
        return f"Reached {parts.hostname} at {network.address}" + (
            ", its certificate is trusted." if parts.scheme == "https" else " by plain http."
        )

    def unknown(self, what: str) -> HubError:
        """The error of an outcome that cannot be known."""
        if self._repeatable:
            return TransientError(
                "HUB-5007", f"{what}. The partner takes the same {self._identity} only once, so it is sent again."
            )
        return InDoubtError(
            "HUB-5007", f"{what}. The partner may have it. It is sent again with the same {self._identity}."
        )

    def _check_headers(self, headers: Mapping[str, str]) -> None:
        for name, value in headers.items():
            if not re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name) or re.search(
                r"[\0-\x08\n-\x1f\x7f]|^\s|\s$", value
            ):
                raise PermanentError(
                    "HUB-5036",
                    f"{self._about}: the header {name!r} or its value holds a line break or another character that "
                    "HTTP does not allow there. Nothing was sent.",
                )

    def _tls(self) -> ssl.SSLContext:
        try:
            return ssl.create_default_context(cadata=self._reach.ca)
        except ssl.SSLError as error:
            raise PermanentError(
                "HUB-5031", f"ca on the connection to {self._url} is no PEM ({error}). Paste the certificate."
            ) from error

    def _typed(self, error: Exception, network: GuardedNetwork, about: str = "") -> HubError:
        """The error of ours. What was wholly sent before the answer failed may have been taken."""
        about, said = about or self._about, str(error) or type(error).__name__
        cause: BaseException | None = error
        while cause is not None:
            if isinstance(cause, ssl.SSLCertVerificationError):
                return PermanentError("HUB-5031", f"{about}: the certificate is not trusted: {cause.verify_message}.")
            cause = cause.__cause__ or cause.__context__
        if network.sent_all:
            return self.unknown(f"{about}: everything was sent, then the answer failed ({said})")
        if isinstance(error, httpcore.TimeoutException):
            return TransientError(
                "HUB-5006", f"{about}: no connection or no progress in time ({said}). It is tried again."
            )
        return TransientError("HUB-5001", f"{about}: the connection failed ({said}). It is tried again.")

    def _judge(self, answer: Answer) -> None:
        """Raise what the status means."""
        status, about = answer.status, self._about
        text = answer.body[:300].decode("utf-8", "backslashreplace").strip()
        said = f', saying "{text}"' if text else ""
        if 200 <= status < 300:
            if answer.broken:
                raise self.unknown(f"{about}: status {status}, but the answer broke off ({answer.broken})")
        elif 300 <= status < 400:
            where = answer.headers.get("location", "nowhere")[:200]
            raise PermanentError(
                "HUB-5032",
                f"{about}: redirected ({status}) to {where}, which was not followed. If that is the partner's right "
                "address, write it into url.",
            )
        elif status in (408, 425, 429) or status >= 500:
            wait = retry_after(answer.headers.get("retry-after"), answer.headers.get("date"), datetime.now(UTC))
            asked = f" It asked for {wait:g} seconds." if wait is not None else ""
            raise TransientError(
                "HUB-5034", f"{about}: status {status}{said}. It is tried again.{asked}", retry_after=wait
            )
        elif status in (401, 407):
            raise PermanentError(
                "HUB-5002", f"{about}: our credentials were refused with status {status}{said}. Check the secret."
            )
        else:
            code = "HUB-5005" if status == 403 else "HUB-5033"
            raise PermanentError(code, f"{about}: refused with status {status}{said}. Correct the cause, then resend.")


def _read(response: httpcore.Response, most: int) -> Answer:
    """The answer as far as it is kept. It asked for no packing, and what is packed all the same stays packed."""
    body, broken = bytearray(), ""
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
    try:
        for part in response.iter_stream():
            body += part
            if len(body) >= most:
                break
    except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException) as error:
        broken = str(error) or type(error).__name__
    return Answer(response.status, headers, bytes(body[:most]), broken)


def retry_after(said: str | None, date: str | None, now: datetime) -> float | None:
    """Seconds to wait by Retry-After (RFC 9110, 10.2.3: seconds or a date), at most RETRY_AFTER_CAP.

    None: it said nothing usable. A date counts from the answer's own Date, so that a wrong clock there does no harm.
    """
    if said is None:
        return None
    said = said.strip()
    if re.fullmatch(r"[0-9]+", said):
        return min(float(said[:12]), RETRY_AFTER_CAP)
    until, since = _moment(said), _moment(date or "") or now
    if until is None:
        return None
    return min(max((until - since).total_seconds(), 0.0), RETRY_AFTER_CAP)


def _moment(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, IndexError, TypeError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def plain_name(said: str) -> str:
    """The last part of a file name that came with a request, printable; it is shown, never a path."""
    name = re.split(r"[/\\]", said)[-1]
    return "".join(letter for letter in name if letter.isprintable())[:250].strip(". ")


def basic(user: str, password: str) -> str:
    """The Authorization of HTTP basic authentication (RFC 7617)."""
    return f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"
