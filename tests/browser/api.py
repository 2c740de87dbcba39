"""The product's API, spoken with the cookies of a browser window: to prepare a test, and to see what was kept."""

from __future__ import annotations

import uuid
from functools import cached_property
from typing import Any

from playwright.sync_api import APIRequestContext

DEMO = "Pay your water bill"


class Api:
    def __init__(self, request: APIRequestContext):
        self.request = request

    @cached_property
    def _headers(self) -> dict[str, str]:
        return {"X-CSRFToken": self.get("/session")["csrf"]}

    def get(self, path: str, status: int = 200) -> Any:
        answer = self.request.get(f"/api/v1{path}")
        assert answer.status == status, answer.text()
        return answer.json()

    def send(self, method: str, path: str, body: Any = None) -> Any:
        """The answer of a request that must succeed."""
        answer = self.request.fetch(f"/api/v1{path}", method=method, data=body, headers=self._headers)
        assert answer.ok, answer.text()
        return answer.json() if answer.body() else None

    # -- plans --

    def plan(self, name: str) -> dict[str, Any]:
        return next(row for row in self.get("/plans?size=200")["results"] if row["name"] == name)

    def new_plan(self, name: str = "") -> str:
        """An empty plan of this test's own; its id."""
        return str(self.send("POST", "/plans", {"name": name or f"Plan {uuid.uuid4().hex[:8]}"})["id"])

    def copy_of_demo(self) -> str:
        """The demo plan again, for this test alone; its id."""
        name = f"Water bill {uuid.uuid4().hex[:8]}"
        return str(self.send("POST", f"/plans/{self.plan(DEMO)['id']}/duplicate", {"name": name})["id"])

    def draft(self, plan: str) -> dict[str, Any]:
        return dict(self.get(f"/plans/{plan}/draft"))

    def operate(self, plan: str, *operations: dict[str, Any]) -> int:
        """Applies these as one batch to the draft as it is; the new revision."""
        body = {
            "revision": self.draft(plan)["revision"],
            "operations": [{"id": str(uuid.uuid4()), **operation} for operation in operations],
        }
        return int(self.send("POST", f"/plans/{plan}/operations", body)["revision"])

    def calls(self, plan: str) -> list[dict[str, Any]]:
        return list(self.get(f"/calls?plan={plan}")["results"])


def applet(draft: dict[str, Any], name: str) -> dict[str, Any]:
    """The placed applet of this name."""
    return next(applet for applet in draft["applets"] if applet["name"] == name)


def named_wires(draft: dict[str, Any]) -> dict[tuple[str, str], str | None]:
    """(applet's name, exit) -> name of the applet it leads to; an exit of a router's rule is called by its label."""
    names = {applet["key"]: applet["name"] for applet in draft["applets"]}
    labels = {
        f"rule:{rule['id']}": f"rule:{rule['label']}"
        for applet in draft["applets"]
        for rule in applet["settings"].get("rules", [])
    }
    return {
        (names[wire["source"]], labels.get(wire["exit"], wire["exit"])): names.get(wire["target"])
        for wire in draft["wires"]
    }


def announcement(name: str, text: str, x: int = 0, y: int = 0) -> dict[str, Any]:
    """A `place` operation; its key is in ["applet"]["key"]."""
    settings = {"prompt": {"file": "", "text": text}}
    return placed("announcement", name, settings, x, y)


def placed(type: str, name: str, settings: dict[str, Any], x: int = 0, y: int = 0) -> dict[str, Any]:
    applet = {"type": type, "name": name, "settings": settings, "settings_version": 1, "x": x, "y": y}
    return {"op": "place", "applet": {"key": str(uuid.uuid4()), **applet}}
