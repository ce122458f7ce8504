"""Names of exported files: readable, safe everywhere, each given once."""

from hypothesis import given
from hypothesis import strategies as st

from common.samples import PhotoFacts
from ui.exporting import Names, safe_name


def facts(source: str, photo_id: str = "ab" * 32) -> PhotoFacts:
    return PhotoFacts(photo_id, 1, 1, 1, "JPEG", (source,))


@given(st.text(max_size=300))
def test_every_name_is_safe(source: str) -> None:
    name = safe_name(facts(source))
    assert name
    assert len(name.encode()) <= 160
    assert not set(name) & set('<>:"/\\|?*\x00\n')
    assert name not in (".", "..")
    assert name == name.strip(" ")


def test_names_stay_readable() -> None:
    assert safe_name(facts("/home/me/Holiday 2019/Beach.JPG")) == "Beach.JPG"
    assert safe_name(facts("../../etc/passwd")) == "passwd"
    assert safe_name(facts("C:\\photos\\con.jpg")) == "_con.jpg"
    assert safe_name(facts("a\nb: c?.jpg")) == "a_b_ c_.jpg"
    assert safe_name(facts("")) == "abababababab.jpeg"


def test_a_name_is_given_once() -> None:
    names = Names()
    given_names = [names.name(facts("a/X.jpg", f"{n:064x}"[::-1])) for n in range(3)]
    given_names.append(names.name(facts("b/x.JPG", "cd" * 32)))
    assert given_names[0] == "X.jpg"
    assert len({name.casefold() for name in given_names}) == 4
