"""Replies on a terminal: in colour for people, plain when piped."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape

from bot.words import load_words


class Screen:
    """Prints answers to stdout."""

    def __init__(self) -> None:
        self._out = Console(highlight=False, soft_wrap=True)
        self._words = load_words()["terminal"]

    def note(self, text: str) -> None:
        self._out.print(f"[dim]{escape(text)}[/dim]")

    def question(self, text: str) -> None:
        self._out.print(f"[bold]» {escape(text)}[/bold]")

    def answer(self, answer: dict, numbered: bool = False) -> list[dict]:
        """Prints the replies; gives the buttons, in the order of their numbers."""
        buttons: list[dict] = []
        for reply in answer["replies"]:
            self._out.print(escape(reply.get("text") or ""))
            for link in reply.get("links") or []:
                self._out.print(f"  [cyan]{escape(link['title'])}: {escape(link['url'])}[/cyan]")
            for source in reply.get("sources") or []:
                title = f"{self._words['source']}: {source['title']}"
                where = f" {source['url']}" if source.get("url") else ""
                day = "/".join(reversed(str(source.get("checked_on") or "").split("-")))
                checked = f" ({self._words['checked'].format(day=day)})" if day else ""
                self._out.print(f"  [dim]{escape(title + where + checked)}[/dim]")
            for button in reply.get("buttons") or []:
                buttons.append(button)
                mark = f"{len(buttons)}." if numbered else "•"
                self._out.print(f"  [green]{mark} {escape(button['title'])}[/green]")
            self._out.print()
        return buttons
