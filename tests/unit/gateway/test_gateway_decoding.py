"""A picture that hangs or crashes its decoder costs itself only: real processes are killed."""

import asyncio
import contextlib
import io
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PIL import Image

from common import errors, images
from gateway.pictures import Pictures

LIMITS = images.Limits(max_bytes=2**20, max_pixels=50_000_000)
HOSTILE = (sys.executable, str(Path(__file__).with_name("hostile_decoder.py")))
MEMORY_BYTES = 2 * 2**30


def good(colour: str = "red", size: tuple[int, int] = (60, 40)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "PNG")
    return out.getvalue()


@contextlib.asynccontextmanager
async def decoders(
    *, at_once: int = 1, most_s: float = 20.0, memory_bytes: int = MEMORY_BYTES
) -> AsyncIterator[Pictures]:
    pictures = Pictures(
        LIMITS, at_once=at_once, most_s=most_s, memory_bytes=memory_bytes, command=HOSTILE
    )
    try:
        yield pictures
    finally:
        await pictures.close()


def alive(pid: int) -> bool:
    """Return whether the process runs; one that has ended and is not waited for has no command."""
    try:
        return bool(Path(f"/proc/{pid}/cmdline").read_bytes())
    except OSError:
        return False


def children() -> set[int]:
    """Return the processes that this one has started and that still run."""
    found = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    return {pid for pid in map(int, found) if alive(pid)}


async def test_a_picture_comes_back_as_a_small_jpeg_with_its_facts() -> None:
    async with decoders() as pictures:
        made = await pictures.from_bytes(good(size=(2000, 1000)), field="image")
    assert (made.width, made.height, made.format) == (2000, 1000, "PNG")
    assert Image.open(io.BytesIO(made.jpeg)).size == (1024, 512)
    assert (len(made.perceptual_hash), len(made.pixel_hash)) == (16, 32)


@pytest.mark.parametrize(
    ("word", "why"),
    [
        ("hang", r"decoding takes more than 2 s"),
        ("abort", r"ends what decodes it \(signal SIGABRT\)"),
        ("exit", r"ends what decodes it \(exit code 3\)"),
        ("eat", r"takes more memory than it may"),
    ],
)
async def test_a_hostile_picture_costs_itself_only(word: str, why: str) -> None:
    async with decoders(most_s=2.0) as pictures:
        await pictures.from_bytes(good(), field="image")
        with pytest.raises(images.UndecodableImage, match=why) as caught:
            await pictures.from_bytes(b"EVIL" + word.encode(), field="terms[0].image")
        after = await pictures.from_bytes(good(), field="image")
    assert caught.value.field == "terms[0].image"
    assert (after.width, after.height) == (60, 40)


async def test_good_pictures_beside_hostile_ones_all_come_through() -> None:
    words = [b"EVILabort", b"EVILhang", good("blue")] * 2
    async with decoders(at_once=2, most_s=2.0) as pictures:
        results = await asyncio.gather(
            *(pictures.from_bytes(one, field="image") for one in words), return_exceptions=True
        )
    wrong = [isinstance(one, images.UndecodableImage) for one in results]
    assert wrong == [True, True, False] * 2


async def test_a_decoder_killed_by_others_is_no_fault_of_its_picture() -> None:
    async with decoders() as pictures:
        before = children()
        await pictures.from_bytes(good(), field="image")
        (own,) = children() - before
        os.kill(own, signal.SIGKILL)
        made = await pictures.from_bytes(good(), field="image")
    assert made.width == 60


async def test_a_memory_limit_is_the_picture_s_and_the_next_one_is_decoded() -> None:
    big = good(size=(7000, 7000))
    async with decoders(memory_bytes=320 * 2**20) as pictures:
        with pytest.raises(images.UndecodableImage, match="memory"):
            await pictures.from_bytes(big, field="image")
        made = await pictures.from_bytes(good(), field="image")
    assert made.width == 60


async def test_no_process_is_left_behind() -> None:
    before = children()
    async with decoders(at_once=2) as pictures:
        await asyncio.gather(*(pictures.from_bytes(good(), field="image") for _ in range(4)))
        assert len(children() - before) == 2
        task = asyncio.create_task(pictures.from_bytes(b"EVILhang", field="image"))
        await asyncio.sleep(0.3)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert children() == before


async def test_a_decoder_ends_with_its_gateway_even_while_it_hangs() -> None:
    """The gateway is a process of its own here, killed while its decoder hangs."""
    script = (
        "import asyncio, sys\n"
        "from tests.unit.gateway.test_gateway_decoding import decoders, children\n"
        "async def main():\n"
        "    async with decoders(most_s=500) as pictures:\n"
        "        task = asyncio.create_task(pictures.from_bytes(b'EVILhang', field='image'))\n"
        "        await asyncio.sleep(1.5)\n"
        "        print(*children(), flush=True)\n"
        "        await task\n"
        "asyncio.run(main())\n"
    )
    root = Path(__file__).parents[3]
    gateway = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, cwd=root, stdout=asyncio.subprocess.PIPE
    )
    assert gateway.stdout
    (decoder,) = map(int, (await gateway.stdout.readline()).split())
    gateway.kill()
    await gateway.wait()
    for _ in range(100):
        if not alive(decoder):
            return
        await asyncio.sleep(0.05)
    raise AssertionError("the decoder outlives its gateway")


async def test_decoders_that_do_not_start_are_no_fault_of_the_picture() -> None:
    command = (sys.executable, "-c", "raise SystemExit(4)")
    pictures = Pictures(LIMITS, at_once=1, most_s=9, memory_bytes=MEMORY_BYTES, command=command)
    with pytest.raises(errors.Unavailable, match="no picture can be decoded"):
        await pictures.from_bytes(good(), field="image")


async def test_a_file_that_is_not_there_is_not_the_picture_s_fault(tmp_path: Path) -> None:
    async with decoders() as pictures:
        with pytest.raises(FileNotFoundError):
            await pictures.from_file(tmp_path / "gone.jpg")
        made = await pictures.from_bytes(good(), field="image")
    assert made.width == 60
