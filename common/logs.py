"""One log format for every process: time, level, service, request id, message."""

import logging
import os

from common.interceptors import request_id


class _RequestId(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = request_id.get()
        return True


def start(service: str) -> None:
    """Send log lines to standard error at the level of SEMAPIX_LOG_LEVEL, INFO by default."""
    handler = logging.StreamHandler()
    handler.addFilter(_RequestId())
    handler.setFormatter(
        logging.Formatter(f"%(asctime)s %(levelname)s {service} [%(request_id)s] %(message)s")
    )
    level = os.environ.get("SEMAPIX_LOG_LEVEL", "INFO").upper()
    logging.basicConfig(level=level, handlers=[handler], force=True)
