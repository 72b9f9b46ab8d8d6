"""Every route of the desk, each with the least role that may use it."""

from __future__ import annotations

from starlette.routing import BaseRoute

from bot.desk.administration import Administration
from bot.desk.desk import Desk
from bot.desk.door import Door
from bot.desk.pages import Pages
from bot.desk.signing import Signing


def desk_routes(desk: Desk) -> list[BaseRoute]:
    """The routes to be mounted into the gateway."""
    door = Door(desk)
    signing, administration, pages = Signing(door), Administration(door), Pages(door)
    return [
        door.open("/desk/vao", signing.ask),
        door.open("/desk/vao", signing.enter, "POST"),
        door.open("/desk/moi/{token}", signing.invitation),
        door.open("/desk/moi/{token}", signing.take_up, "POST"),
        door.route("/desk", pages.desk, "volunteer"),
        door.route("/desk/api/leave", signing.leave, "volunteer", "POST"),
        door.route("/desk/tai-khoan", administration.page, "admin"),
        door.route("/desk/api/invitations", administration.invite, "admin", "POST"),
        door.route("/desk/api/accounts/{id}", administration.change, "admin", "POST"),
    ]
