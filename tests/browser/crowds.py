"""Libraries of very many photos, of few pictures: each has facts and an id of its own."""

import dataclasses
import hashlib

from tests.browser import fake_library
from tests.browser.fake_library import FakePhoto

LOOKS = 24


def photos(count: int) -> dict[str, FakePhoto]:
    """Return so many photos, photo-0.png the newest, by their ids."""
    looks = [
        fake_library.fake_photo("look", fake_library.picture(f"#{number * 10:02x}80c0"))
        for number in range(LOOKS)
    ]
    made = (_named(looks[number % LOOKS], number) for number in range(count))
    return {photo.facts.photo_id: photo for photo in made}


def _named(look: FakePhoto, number: int) -> FakePhoto:
    own = hashlib.sha256(f"crowd {number}".encode()).hexdigest()
    facts = dataclasses.replace(look.facts, photo_id=own, sources=(f"photo-{number}.png",))
    return FakePhoto(look.original, facts, look.samples)
