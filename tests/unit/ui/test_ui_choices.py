"""Which gateway, which ports, which weights a command line means."""

import pytest
import typer

from common import errors
from common.samples import Kind
from ui import address, library, options, plan
from ui.library import RunningService, UpFile


def up_file(folder):
    return UpFile(1, str(folder), {"gateway": RunningService("127.0.0.1:1234", 2, "log")})


def test_a_named_gateway_comes_before_the_environment(tmp_path):
    environ = {"SEMAPIX_GATEWAY": "host:2", "SEMAPIX_LIBRARY": str(tmp_path)}
    assert address.gateway("host:1", None, environ) == "host:1"
    assert address.gateway("", None, environ) == "host:2"
    assert address.gateway("", None, {"SEMAPIX_LIBRARY": str(tmp_path)}) == address.DEFAULT_GATEWAY


def test_the_gateway_of_a_library_that_is_up_is_found(tmp_path):
    with library.held(tmp_path):
        up_file(tmp_path).write()
        assert address.gateway("", tmp_path, {}) == "127.0.0.1:1234"
        assert address.gateway("", None, {"SEMAPIX_LIBRARY": str(tmp_path)}) == "127.0.0.1:1234"
    assert not (tmp_path / library.UP_FILE).exists()


def test_a_library_whose_up_was_killed_is_not_up(tmp_path):
    (tmp_path / library.LOCK_FILE).write_text("1\n")
    up_file(tmp_path).write()
    with pytest.raises(errors.Unavailable, match="not up"):
        address.gateway("", tmp_path, {})


def test_a_held_library_is_refused_and_the_process_named(tmp_path):
    with library.held(tmp_path):
        pid = (tmp_path / library.LOCK_FILE).read_text().strip()
        with pytest.raises(errors.Mismatch, match=f"process {pid}"), library.held(tmp_path):
            pass
    with library.held(tmp_path):
        pass


@pytest.mark.parametrize("text", ["host", "host:", ":5", "host:http", ""])
def test_an_address_without_a_port_is_refused(text):
    with pytest.raises(errors.InvalidInput, match="host:port"):
        address.gateway(text or ":", None, {})


def test_ports_are_the_usual_or_counted_from_a_base_or_named():
    assert plan.ports(None, [])["gateway"] == 50050
    assert plan.ports(6000, ["web=80"]) == {
        "gateway": 6000,
        "embedder": 6001,
        "detector": 6002,
        "index": 6003,
        "analysis": 6004,
        "web": 80,
    }
    assert len(set(plan.free_ports().values())) == len(plan.DEFAULT_PORTS)


@pytest.mark.parametrize("text", ["gateway", "cat=5", "web=x", "web=0", "web=70000"])
def test_a_port_that_there_is_not_is_refused(text):
    with pytest.raises(errors.InvalidInput, match="port"):
        plan.ports(None, [text])


def test_services_are_told_where_the_others_are(tmp_path):
    plans = {one.name: one for one in plan.services(tmp_path, plan.ports(6000, []), web=False)}
    assert list(plans) == ["index", "embedder", "detector", "analysis", "gateway"]
    assert plans["gateway"].environment == {
        "SEMAPIX_GATEWAY_ADDRESS": "127.0.0.1:6000",
        "SEMAPIX_GATEWAY_FOLDER": str(tmp_path),
        "SEMAPIX_GATEWAY_EMBEDDER": "127.0.0.1:6001",
        "SEMAPIX_GATEWAY_DETECTOR": "127.0.0.1:6002",
        "SEMAPIX_GATEWAY_INDEX": "127.0.0.1:6003",
        "SEMAPIX_GATEWAY_ANALYSIS": "127.0.0.1:6004",
    }
    assert plans["analysis"].environment["SEMAPIX_ANALYSIS_INDEX"] == "127.0.0.1:6003"
    assert plans["index"].environment["SEMAPIX_INDEX_FOLDER"] == str(tmp_path / "index")


def test_weights_and_kinds_are_read_from_words():
    assert options.weights("person=2, text=0") == {Kind.PERSON: 2.0, Kind.TEXT: 0.0}
    assert options.kinds("animal,Photo") == (Kind.ANIMAL, Kind.PHOTO)
    assert options.weights("") == {}


@pytest.mark.parametrize("text", ["person", "person=", "dog=1", "text=-1", "text=nan", "text=inf"])
def test_weights_that_are_none_are_wrong_usage(text):
    with pytest.raises(typer.BadParameter):
        options.weights(text)
