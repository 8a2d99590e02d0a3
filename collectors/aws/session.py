"""botocore's own way out, but that the whole of an answer has a time of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import urllib3
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ConnectionClosedError, HTTPClientError, ReadTimeoutError

from collectors.whole import OutOfTime, in_time

PART = 65536


@dataclass(frozen=True)
class _Held:
    """A body that is here already, where botocore expects one that is still to be read."""

    data: bytes

    def stream(self) -> Iterator[bytes]:
        yield self.data


@dataclass(frozen=True)
class Patient:
    """Sends through `inner` (a botocore URLLib3Session) and reads the body itself. `timeout` in seconds, each read."""

    inner: Any
    timeout: float

    def send(self, request: Any) -> AWSResponse:
        request.stream_output = True  # so that it is not read to its end in there
        answer = self.inner.send(request)
        url = request.url
        try:
            data = b"".join(in_time(iter(lambda: answer.raw.read1(PART), b""), self.timeout))
        except (OutOfTime, urllib3.exceptions.ReadTimeoutError) as error:
            raise ReadTimeoutError(endpoint_url=url, error=error) from error
        except urllib3.exceptions.ProtocolError as error:
            raise ConnectionClosedError(error=error, request=request, endpoint_url=url) from error
        except urllib3.exceptions.HTTPError as error:
            raise HTTPClientError(error=error) from error
        finally:
            answer.raw.release_conn()
        return AWSResponse(answer.url, answer.status_code, answer.headers, _Held(data))

    def close(self) -> None:
        self.inner.close()


def patient(client: Any, timeout: float) -> None:
    """Give a client this way out. botocore has no public place for it; an answer that trickles is tested."""
    endpoint = client._endpoint
    endpoint.http_session = Patient(endpoint.http_session, timeout)
