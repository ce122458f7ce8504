"""Whether something answers at an address: a gRPC service by its health, a page by HTTP."""

import http.client

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

# A pool of its own: attempts on a server that still starts must not slow the next attempt down.
OPTIONS = (("grpc.enable_retries", 0), ("grpc.use_local_subchannel_pool", 1))


def is_serving(address: str, *, timeout_s: float = 1.0) -> bool:
    """Return whether the gRPC server at "host:port" says SERVING."""
    with grpc.insecure_channel(address, options=OPTIONS) as channel:
        request = health_pb2.HealthCheckRequest()
        try:
            response = health_pb2_grpc.HealthStub(channel).Check(request, timeout=timeout_s)
        except grpc.RpcError:
            return False
    return bool(response.status == health_pb2.HealthCheckResponse.SERVING)


def answers_http(address: str, *, timeout_s: float = 2.0) -> bool:
    """Return whether a web server at "host:port" answers its front page without a failure."""
    connection = http.client.HTTPConnection(address, timeout=timeout_s)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
