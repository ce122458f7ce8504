"""Downloads the weights of the standard detector to where torch hub keeps them."""

import re
from pathlib import Path
from urllib.error import HTTPError

import torch

from common import errors
from detector_service import fasterrcnn, weights

# The name of such a file ends in the first digits of its SHA-256.
_PREFIX = re.compile(r"-([0-9a-f]{8,64})\.pth$")


def fetch(url: str, target: Path) -> Path:
    """Download weights to `target` unless they are there; return it. Nothing in them is executed.

    What arrives is verified before it takes its name, what is there already is verified again.
    Raises NotFound if the server has no such file, Unavailable without a network, DataLoss for a
    file whose SHA-256 is not the one in its name.
    """
    digits = expected_hash(url)
    if target.is_file() and weights.fingerprint(target).startswith(digits):
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        torch.hub.download_url_to_file(url, str(target), hash_prefix=digits)
    except HTTPError as error:
        raise errors.NotFound(f"{url} cannot be downloaded: {error}") from error
    except OSError as error:
        raise errors.Unavailable(
            f"{fasterrcnn.ID} cannot be downloaded, its server does not answer ({error}): fetch it"
            f" on a machine with a network and bring the file to {target}"
        ) from error
    except RuntimeError as error:
        raise errors.DataLoss(f"{url} arrived damaged and was not kept: {error}") from error
    return target


def expected_hash(url: str) -> str:
    """Return the first digits of the SHA-256 that the address names. Raises InvalidInput."""
    found = _PREFIX.search(url)
    if found is None:
        raise errors.InvalidInput("", f"{url} does not name its hash: it cannot be verified")
    return found[1]
