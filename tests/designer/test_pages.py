"""The HTML around the canvas: shell, signing in and out, errors."""

from __future__ import annotations

import json
import os
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client

from callplans.signin import make_link
from designer import pages

pytestmark = pytest.mark.django_db

PASSWORD = "blue-harbour-lantern-42"


@pytest.fixture(autouse=True)
def _no_memory_of_other_tests() -> None:
    cache.clear()


@pytest.fixture
def user() -> User:
    return User.objects.create_user("mara", "mara@example.com", PASSWORD, first_name="Mara", last_name="Kern")


@pytest.fixture
def canvas(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in place of the built canvas, empty at first."""
    monkeypatch.setattr(pages, "canvas_folder", lambda: tmp_path)
    return tmp_path


def build(folder: Path, main: str = "assets/main-1.js") -> None:
    manifest = {
        "src/main.tsx": {"file": main, "isEntry": True, "css": ["assets/main.css"], "imports": ["_kit.js"]},
        "_kit.js": {"file": "assets/kit.js", "css": ["assets/kit.css"], "imports": ["_deep.js"]},
        "_deep.js": {"file": "assets/deep.js", "imports": ["_kit.js"]},
        "src/live/LivePage.tsx": {"file": "assets/live.js"},
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))


def token_of(user: User) -> str:
    return urlsplit(make_link(user)).path


# ---- the canvas -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address", ["/", "/plans", "/plans/0b4b5bb4-7f5e-4a51-8d7b-6d2c4a1f7a11", "/calls/x", "/settings"]
)
def test_the_shell_loads_the_built_canvas_at_every_address_of_it(
    client: Client, user: User, canvas: Path, address: str
):
    build(canvas)
    client.force_login(user)
    response = client.get(address)
    text = response.content.decode()
    assert response.status_code == 200
    assert '<script type="module" src="/static/canvas/assets/main-1.js"></script>' in text
    assert text.index("assets/main.css") < text.index("assets/kit.css")
    assert text.count('rel="modulepreload"') == 2
    assert "assets/live.js" not in text
    assert response.cookies["csrftoken"].value


def test_the_shell_runs_no_inline_script_and_lets_nobody_frame_it(client: Client, user: User, canvas: Path):
    build(canvas)
    client.force_login(user)
    response = client.get("/")
    rules = dict(rule.split(" ", 1) for rule in response["Content-Security-Policy"].split("; "))
    assert rules["script-src"] == "'self'"
    assert rules["default-src"] == "'none'"
    assert rules["frame-ancestors"] == "'none'"
    assert "ws://testserver" in rules["connect-src"]
    assert "no-store" in response["Cache-Control"]
    assert all("src=" in part.split(">")[0] for part in response.content.decode().split("<script")[1:])


def test_a_new_build_is_seen_without_a_restart(client: Client, user: User, canvas: Path):
    client.force_login(user)
    build(canvas)
    assert b"main-1.js" in client.get("/").content
    build(canvas, "assets/main-2.js")
    os.utime(canvas / "manifest.json", ns=(1, 1))
    assert b"main-2.js" in client.get("/").content


def test_a_canvas_that_is_not_built_says_so(client: Client, user: User, canvas: Path):
    client.force_login(user)
    response = client.get("/plans")
    assert response.status_code == 503
    assert b"make canvas" in response.content
    (canvas / "manifest.json").write_text('{"half": ')
    assert client.get("/plans").status_code == 503


def test_strangers_are_sent_to_sign_in_and_come_back(client: Client, user: User, canvas: Path):
    build(canvas)
    response = client.get("/calls/17?tab=what")
    assert response["Location"] == "/signin?next=%2Fcalls%2F17%3Ftab%3Dwhat"
    form = client.get(response["Location"]).content.decode()
    assert 'name="next" value="/calls/17?tab=what"' in form
    answer = client.post("/signin", {"username": "mara", "password": PASSWORD, "next": "/calls/17?tab=what"})
    assert answer["Location"] == "/calls/17?tab=what"
    assert client.get("/plans").status_code == 200


# ---- signing in and out ---------------------------------------------------------------------------------------------


def test_opening_a_link_uses_nothing_up_and_pressing_the_button_does(client: Client, user: User):
    address = token_of(user)
    for _ in range(2):
        opened = client.get(address)
        assert opened.status_code == 200
        assert b"Sign in as Mara Kern" in opened.content
        assert "_auth_user_id" not in client.session
    assert client.post(address)["Location"] == "/"
    assert client.session["_auth_user_id"] == str(user.pk)
    other = Client()
    assert other.get(address).status_code == 410
    refused = other.post(address)
    assert refused.status_code == 410
    assert b"manage.py signin" in refused.content
    assert "_auth_user_id" not in other.session


def test_a_used_link_tells_somebody_who_is_signed_in_to_go_on(client: Client, user: User):
    address = token_of(user)
    client.post(address)
    page = client.get(address)
    assert page.status_code == 410
    assert b"Go on to the call plans" in page.content


def test_a_forged_link_is_refused_like_a_used_one(client: Client):
    assert client.get("/signin/forged").status_code == 410
    assert client.post("/signin/forged").status_code == 410


def test_the_link_form_is_guarded_against_other_sites(user: User):
    strict = Client(enforce_csrf_checks=True)
    address = token_of(user)
    response = strict.post(address)
    assert response.status_code == 403
    assert b"no longer good" in response.content
    form = strict.get(address).content.decode()
    token = form.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
    assert strict.post(address, {"csrfmiddlewaretoken": token}).status_code == 302


def test_a_wrong_password_says_so_and_keeps_the_name(client: Client, user: User):
    response = client.post("/signin", {"username": "mara", "password": "no"})
    assert response.status_code == 403
    text = response.content.decode()
    assert "do not match" in text
    assert 'value="mara"' in text
    assert "_auth_user_id" not in client.session


def test_guessing_is_slowed_down_and_the_right_name_is_not_locked_for_others(client: Client, user: User):
    for _ in range(pages.TRIES):
        assert client.post("/signin", {"username": "mara", "password": "no"}).status_code == 403
    assert client.post("/signin", {"username": "mara", "password": PASSWORD}).status_code == 429
    elsewhere = Client(REMOTE_ADDR="192.0.2.7")
    assert elsewhere.post("/signin", {"username": "mara", "password": PASSWORD}).status_code == 302


@pytest.mark.parametrize("to", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_signing_in_leads_nowhere_else(client: Client, user: User, to: str):
    assert client.post("/signin", {"username": "mara", "password": PASSWORD, "next": to})["Location"] == "/"


@pytest.mark.parametrize("address", ["/signout", "/signout/"])
def test_signing_out_takes_a_post(client: Client, user: User, address: str):
    client.force_login(user)
    assert client.get(address).status_code == 200
    assert "_auth_user_id" in client.session
    assert b"You are signed out" in client.post(address).content
    assert "_auth_user_id" not in client.session


# ---- what went wrong ------------------------------------------------------------------------------------------------


def test_an_unknown_address_has_a_page_and_for_the_api_the_one_error_shape(client: Client):
    page = client.get("/nowhere")
    assert page.status_code == 404
    assert b"There is nothing at this address" in page.content
    assert "Content-Security-Policy" in page
    answer = client.get("/api/v1/nowhere")
    assert answer.status_code == 404
    assert answer.json()["error"] | {"message": ""} == {"code": "not_found", "message": "", "fields": []}


def test_a_fault_has_a_page_without_the_fault_in_it(client: Client, user: User, monkeypatch: pytest.MonkeyPatch):
    def broken() -> None:
        raise RuntimeError("the secret inside")

    monkeypatch.setattr(pages, "built", broken)
    client.force_login(user)
    client.raise_request_exception = False
    response = client.get("/plans")
    assert response.status_code == 500
    assert b"Something broke on our side" in response.content
    assert b"the secret inside" not in response.content


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1@evil", "[::1", "", "a" * 3000])
def test_another_host_is_refused_in_words(client: Client, host: str):
    page = client.get("/plans", headers={"host": host})
    assert page.status_code == 400
    assert b"does not go by that name" in page.content
    answer = client.get("/api/v1/plans", headers={"host": host})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "unknown_host")


def test_a_form_that_is_too_large_is_refused_in_words(client: Client):
    page = client.post("/signin", "a=" + "x" * 3_000_000, content_type="application/x-www-form-urlencoded")
    assert page.status_code == 413
    assert b"too large" in page.content
    page = client.post("/signin", "&".join(f"a{n}=1" for n in range(1001)), "application/x-www-form-urlencoded")
    assert page.status_code == 400
    assert b"cannot be read" in page.content


@pytest.mark.parametrize("name", ["\x00", "\ud800".encode("utf-8", "replace").decode(), "x" * 5000])
def test_names_nobody_has_cannot_sign_in(client: Client, user: User, name: str):
    page = client.post("/signin", {"username": name, "password": "\x00"})
    assert page.status_code == 403
