"""What can go wrong in what faces people.

BotError
├── SettingsError          a setting is wrong (names it)
├── StackError             the processes cannot be started or kept
│   ├── PortInUse          something else listens where the gateway should
│   ├── NotSetUp           an environment or a file of the installation is missing
│   ├── TrainingFailed     the dialogue model could not be trained
│   ├── TrainingRefused    the new dialogue model understands something worse than the one before
│   └── ChildFailed        a process did not become ready
├── BadRequest             what a client sent is not acceptable (HTTP status, code, message)
├── TooManyRequests        a session or an address sends too fast (seconds to wait)
├── SendError              a platform did not take a reply (Retry, Refused: bot/mailbox/errors.py)
└── EngineError            the engine gave no answer
    ├── EngineUnavailable  nothing was sent: asking again is safe
    ├── AnswerInDoubt      it was sent, the answer is not known: asking again may do it twice
    └── EngineRefused      the engine answered with an error of its own
"""

from __future__ import annotations


class BotError(Exception):
    """Base of every error of this room; its text is meant for a person and is one line."""


class SettingsError(BotError):
    """A setting is wrong; the text names it and says what is expected."""


class StackError(BotError):
    """The processes behind ``motcua demo`` and ``serve`` cannot be started or kept."""


class PortInUse(StackError):
    """Something else listens on the gateway's port."""


class NotSetUp(StackError):
    """Part of the installation is missing; the text says which command brings it."""


class TrainingFailed(StackError):
    """The dialogue model could not be trained."""


class TrainingRefused(StackError):
    """The new dialogue model is not taken; the text says what it makes worse, a line each."""


class ChildFailed(StackError):
    """A process did not become ready."""


class BadRequest(BotError):
    """What a client sent is not acceptable. ``code`` is also the key of its words."""

    def __init__(self, status: int, code: str, **facts: object) -> None:
        self.status, self.code, self.facts = status, code, facts
        super().__init__(code)


class TooManyRequests(BotError):
    """A session or an address sends too fast; ``wait`` is in seconds."""

    def __init__(self, wait: float) -> None:
        self.wait = wait
        super().__init__(f"too many requests, wait {wait:.0f} s")


class EngineError(BotError):
    """The engine gave no answer."""


class EngineUnavailable(EngineError):
    """No engine took the message: nothing was sent, asking again is safe."""


class AnswerInDoubt(EngineError):
    """The message was sent and the answer is not known: asking again may do it twice."""


class EngineRefused(EngineError):
    """The engine answered with an error: its status, code and message."""

    def __init__(self, status: int, code: str, message: str) -> None:
        self.status, self.code = status, code
        super().__init__(f"{status} {code}: {message}")
