"""The decoder of the gateway with a format whose pictures hang, crash or eat it; run as a file."""

import os
import time
from typing import Any

from PIL import Image, ImageFile

from gateway import decoder

MAGIC = b"EVIL"


class Evil(ImageFile.ImageFile):
    """A picture that does what the word after its magic says."""

    format = "BMP"

    def _open(self) -> None:
        self._size, self._mode = (4, 4), "RGB"

    def load(self) -> Any:
        self.fp.seek(len(MAGIC))
        word = self.fp.read().decode()
        if word == "hang":
            time.sleep(600)
        if word == "abort":
            os.abort()
        if word == "exit":
            os._exit(3)
        if word == "eat":
            bytearray(2**40)
        raise OSError(f"what is {word}?")


Image.init()
Image.register_open("BMP", Evil, lambda prefix: prefix.startswith(MAGIC))

if __name__ == "__main__":
    decoder.main()
