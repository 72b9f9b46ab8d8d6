"""Every route of the desk, each with the least role that may use it."""

from __future__ import annotations

from starlette.routing import BaseRoute

from bot.desk.administration import Administration
from bot.desk.api_cases import Cases
from bot.desk.desk import Desk
from bot.desk.door import Door
from bot.desk.pages import Pages
from bot.desk.signing import Signing
from bot.desk.visitor import Visitor


def desk_routes(desk: Desk) -> list[BaseRoute]:
    """The routes to be mounted into the gateway."""
    door = Door(desk)
    signing, pages, cases = Signing(door), Pages(door), Cases(door)
    administration = Administration(door)
    return [
        door.open("/desk/vao", signing.ask),
        door.open("/desk/vao", signing.enter, "POST"),
        door.open("/desk/moi/{token}", signing.invitation),
        door.open("/desk/moi/{token}", signing.take_up, "POST"),
        door.route("/desk", pages.desk, "volunteer"),
        door.route("/desk/api/leave", signing.leave, "volunteer", "POST"),
        door.route("/desk/api/queue", cases.queue, "volunteer"),
        door.route("/desk/api/colleagues", cases.colleagues, "volunteer"),
        door.route("/desk/api/draft", cases.draft, "volunteer", "POST"),
        door.route("/desk/api/cases/{id}", cases.conversation, "volunteer"),
        door.route("/desk/api/cases/{id}/claim", cases.claim, "volunteer", "POST"),
        door.route("/desk/api/cases/{id}/say", cases.say, "volunteer", "POST"),
        door.route("/desk/api/cases/{id}/note", cases.note, "volunteer", "POST"),
        door.route("/desk/api/cases/{id}/pass", cases.pass_on, "volunteer", "POST"),
        door.route("/desk/api/cases/{id}/close", cases.close, "volunteer", "POST"),
        door.open("/api/v1/letters", Visitor(desk).letters),
        door.route("/desk/tai-khoan", administration.page, "admin"),
        door.route("/desk/api/invitations", administration.invite, "admin", "POST"),
        door.route("/desk/api/accounts/{id}", administration.change, "admin", "POST"),
    ]
