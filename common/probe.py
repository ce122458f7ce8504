"""Whether something serves at an address: `python -m common.probe ADDRESS` exits 0 if it does."""

import http.client
import sys
from urllib.parse import urlsplit

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

TIMEOUT_S = 3.0
# A pool of its own: attempts on a server that still starts must not slow the next attempt down.
OPTIONS = (("grpc.enable_retries", 0), ("grpc.use_local_subchannel_pool", 1))


def answers(address: str, *, timeout_s: float = TIMEOUT_S) -> bool:
    """Return whether "host:port" reports SERVING by gRPC, or "http://host:port" shows a page."""
    if address.startswith("http://"):
        return answers_http(urlsplit(address).netloc, timeout_s=timeout_s)
    return is_serving(address, timeout_s=timeout_s)


def is_serving(address: str, *, timeout_s: float = TIMEOUT_S) -> bool:
    """Return whether the gRPC server at "host:port" says SERVING."""
    with grpc.insecure_channel(address, options=OPTIONS) as channel:
        check = health_pb2_grpc.HealthStub(channel).Check
        try:
            response = check(health_pb2.HealthCheckRequest(), timeout=timeout_s)
        except grpc.RpcError:
            return False
    return bool(response.status == health_pb2.HealthCheckResponse.SERVING)


def answers_http(address: str, *, timeout_s: float = TIMEOUT_S) -> bool:
    """Return whether the web server at "host:port" answers its front page without a failure."""
    connection = http.client.HTTPConnection(address, timeout=timeout_s)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def main() -> int:
    """Return the exit code: 0 serving, 1 not, 2 wrong usage."""
    if len(sys.argv) != 2:
        print("usage: python -m common.probe HOST:PORT or http://HOST:PORT", file=sys.stderr)
        return 2
    well = answers(sys.argv[1])
    print(f"{sys.argv[1]} {'serves' if well else 'does not serve'}")
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
