"""Every route of the desk, each with the least role that may use it."""

from __future__ import annotations

from starlette.routing import BaseRoute

from bot.desk.administration import Administration
from bot.desk.api_cases import Cases
from bot.desk.api_learning import Learning
from bot.desk.api_pictures import Pictures
from bot.desk.counter import Counter
from bot.desk.desk import Desk
from bot.desk.door import Door
from bot.desk.pages import Pages
from bot.desk.signing import Signing
from bot.desk.statistics import Statistics
from bot.desk.visitor import Visitor


def desk_routes(desk: Desk | None) -> list[BaseRoute]:
    """The routes to be mounted into the gateway; none without a desk."""
    if desk is None:
        return []
    door = Door(desk)
    signing, pages, cases = Signing(door), Pages(door), Cases(door)
    administration, counter = Administration(door), Counter(door)
    learning, statistics, pictures = Learning(door), Statistics(door), Pictures(door)
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
        door.route("/desk/api/cases/{id}/teach", cases.teach, "volunteer", "POST"),
        door.route("/desk/api/cases/{id}/pass", cases.pass_on, "volunteer", "POST"),
        door.route("/desk/api/cases/{id}/close", cases.close, "volunteer", "POST"),
        door.route("/desk/api/cases/{id}/files/{line}/{place}", pictures.of_case, "volunteer"),
        door.route("/quay", counter.page, "volunteer"),
        door.open("/quay/worker.js", counter.worker),
        door.route("/desk/api/checklists/{id}", counter.checklist, "volunteer"),
        door.route("/desk/api/dossiers", counter.dossier, "volunteer", "POST"),
        door.open("/api/v1/letters", Visitor(desk).letters),
        door.open("/api/v1/pictures", pictures.take, "POST"),
        door.route("/desk/cau-hoi", learning.page, "volunteer"),
        door.route("/desk/api/questions", learning.questions, "volunteer"),
        door.route("/desk/api/questions/label", learning.label, "volunteer", "POST"),
        door.route("/desk/api/questions/approve", learning.approve, "lead", "POST"),
        door.route("/desk/api/questions/undo", learning.undo, "lead", "POST"),
        door.route("/desk/phan-anh", learning.feedback_page, "lead"),
        door.route("/desk/api/feedback", learning.feedback, "lead"),
        door.route("/desk/api/feedback/{id}/files/{place}", pictures.of_feedback, "lead"),
        door.route("/desk/api/feedback/{id}/sort", learning.sort, "lead", "POST"),
        door.route("/desk/api/feedback/{id}/answer", learning.answer, "lead", "POST"),
        door.route("/thong-ke", statistics.page, "lead"),
        door.route("/thong-ke/ho-so", statistics.dossiers, "lead"),
        door.route("/thong-ke.csv", statistics.csv, "lead"),
        door.route("/desk/tai-khoan", administration.page, "admin"),
        door.route("/desk/api/invitations", administration.invite, "admin", "POST"),
        door.route("/desk/api/accounts/{id}", administration.change, "admin", "POST"),
    ]
