from __future__ import annotations

import contextlib
import socket
import ssl
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medic_console.core.errors import EngineError, UsageError
from medic_console.engine.endpoint.access import Access, is_inside
from medic_console.engine.endpoint.address import address_of, is_address
from medic_console.engine.endpoint.client import Line, allowed, certificate_hint
from tests.engine.endpoint.server import Script, serving

HERE = Path(__file__).parent
INSIDE = ("127.0.0.1", "127.9.9.9", "::1", "10.0.0.1", "172.31.255.255", "192.168.1.1", "169.254.1.1", "fd00::1")
OUTSIDE = ("8.8.8.8", "172.32.0.1", "192.0.2.1", "2001:db8::1", "0.0.0.0", "::", "100.64.0.1", "224.0.0.1")


@pytest.mark.parametrize("number", [*INSIDE, "fe80::1", "::ffff:10.0.0.1"])
def test_this_machine_and_private_networks_are_inside(number: str) -> None:
    assert is_inside(number)


@pytest.mark.parametrize("number", [*OUTSIDE, "::ffff:8.8.8.8", "64:ff9b::a00:1"])
def test_all_else_is_outside_unless_a_person_says_otherwise(number: str) -> None:
    assert not is_inside(number)
    assert Access(public=True).allows(number)


def test_a_network_of_the_house_with_public_numbers_can_be_named() -> None:
    access = Access(ranges=("192.0.2.0/24",))
    assert access.allows("192.0.2.7") and not access.allows("192.0.3.7")
    with pytest.raises(UsageError, match="is no network"):
        Access(ranges=("the house",)).allows("192.0.2.7")


def known_as(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> None:
    """Have a name mean other numbers at each look-up; numbers mean themselves."""
    real, waiting = socket.getaddrinfo, list(answers)

    def look_up(host: str, port: int, *args: Any, **more: Any) -> Any:
        if host != "models.test":
            return real(host, port, *args, **more)
        numbers = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (number, port)) for number in numbers]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)


def test_of_a_names_numbers_only_those_inside_are_spoken_to(monkeypatch: pytest.MonkeyPatch) -> None:
    known_as(monkeypatch, ["8.8.8.8", "10.0.0.9"])
    assert allowed("models.test", 80, Access()) == ["10.0.0.9"]


def test_a_name_that_leads_outside_is_refused_at_that_very_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(Script()) as base:
        known_as(monkeypatch, ["127.0.0.1"], ["93.184.215.14"])
        with contextlib.closing(Line(base.replace("127.0.0.1", "models.test"), Access())) as line:
            assert line.get("/models")["data"]
            with pytest.raises(EngineError, match=r"models.test is 93.184.215.14, .* patient text would leave"):
                line.get("/models")


def test_a_second_number_is_tried_where_the_first_takes_no_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(Script()) as base:
        known_as(monkeypatch, ["127.0.0.2", "127.0.0.1"])
        with contextlib.closing(Line(base.replace("127.0.0.1", "models.test"), Access())) as line:
            assert line.get("/models")["data"]


def of_the_house() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(HERE / "server.pem")
    return context


def test_the_certificate_of_ones_own_authority_is_taken_for_its_name_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    known_as(monkeypatch, ["127.0.0.1"])
    with serving(Script(), tls=of_the_house()) as base:
        named = base.replace("127.0.0.1", "models.test")
        with contextlib.closing(Line(named, Access(ca_file=HERE / "ca.pem"))) as line:
            assert line.get("/models")["data"]
        own = Access(ca_file=HERE / "ca.pem")
        for address, access, hint in (
            (named, Access(), "endpoint.ca_file"),
            (base, own, "as its certificate names it"),
        ):
            with contextlib.closing(Line(address, access)) as line:
                with pytest.raises(EngineError, match="does not hold") as caught:
                    line.get("/models")
                assert hint in caught.value.hint


def test_what_to_do_about_a_certificate_is_what_is_wrong_with_it() -> None:
    for said in ("certificate has expired (_ssl.c:1006)", "certificate is not yet valid (_ssl.c:1006)"):
        assert "clock" in certificate_hint(said)
    assert "as its certificate names it" in certificate_hint("Hostname mismatch, certificate is not valid for 'ward'.")
    assert "endpoint.ca_file" in certificate_hint("unable to get local issuer certificate (_ssl.c:1006)")


def test_a_file_that_holds_no_certificates_is_told(tmp_path: Path) -> None:
    for file in (tmp_path / "missing.pem", HERE / "test_access.py"):
        with pytest.raises(UsageError, match="the certificates cannot be used"):
            Line("https://127.0.0.1:1/v1", Access(ca_file=file))


@pytest.mark.parametrize(
    ("text", "base", "model"),
    [
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000/v1", ""),
        ("http://127.0.0.1:8000/", "http://127.0.0.1:8000/v1", ""),
        ("HTTPS://GPU.example/v1#org/Model-7B", "https://gpu.example/v1", "org/Model-7B"),
        ("http://[::1]:8000/api/v1/chat/completions#a%23b", "http://[::1]:8000/api/v1", "a#b"),
    ],
)
def test_an_address_is_taken_as_people_write_it(text: str, base: str, model: str) -> None:
    found = address_of(text)
    assert (found.base, found.model) == (base, model)
    assert is_address(text) and address_of(found.text) == found


@pytest.mark.parametrize(
    "text",
    ["gpu:8000", "ftp://gpu/", "http://", "http://me:secret@gpu/v1", "http://gpu/v1?key=1", "http://gpu:99999/", "x y"],
)
def test_what_is_no_address_or_holds_a_secret_is_refused(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        address_of(text)
    assert "secret" not in caught.value.message


@given(st.text())
def test_any_text_is_an_address_or_is_refused(text: str) -> None:
    for said in (text, f"http://{text}", f"http://gpu/{text}"):
        with contextlib.suppress(UsageError):
            assert address_of(said).base.startswith(("http://", "https://"))
