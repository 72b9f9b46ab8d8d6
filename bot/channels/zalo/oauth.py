"""Zalo's OAuth endpoint: a refresh token, which can be spent once, for a new pair."""

from __future__ import annotations

from dataclasses import dataclass

import httpx

from bot.channels.errors import PlatformAway, TokenRefused
from bot.channels.zalo.store import UNKNOWN_SECONDS, Pair

PATH = "/v4/oa/access_token"
_BEFORE_SENDING = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.InvalidURL)


@dataclass(frozen=True)
class OAuth:
    """``url``: ``MOTCUA_ZALO_OAUTH_URL``."""

    http: httpx.AsyncClient
    url: str
    app_id: str
    app_secret: str

    async def refresh(self, refresh_token: str) -> Pair:
        """The pair that comes for a refresh token.

        Raises:
            PlatformAway: no answer, or none that says anything; ``in_doubt``: the token may be spent.
            TokenRefused: Zalo says no, in an answer that may be an HTTP 200 all the same.
        """
        form = {"refresh_token": refresh_token, "app_id": self.app_id, "grant_type": "refresh_token"}
        try:
            response = await self.http.post(
                self.url + PATH, data=form, headers={"secret_key": self.app_secret}
            )
        except _BEFORE_SENDING as error:
            raise PlatformAway(f"Zalo's OAuth cannot be reached ({type(error).__name__})") from None
        except httpx.HTTPError as error:
            words = f"Zalo's OAuth gave no answer ({type(error).__name__})"
            raise PlatformAway(words, in_doubt=True) from None
        if response.status_code == 429 or response.status_code >= 500:
            raise PlatformAway(f"Zalo's OAuth answered with HTTP {response.status_code}")
        return _pair(response)


def _pair(response: httpx.Response) -> Pair:
    try:
        answer = response.json()
    except ValueError:
        raise PlatformAway("Zalo's OAuth gave an answer that is not JSON", in_doubt=True) from None
    answer = answer if isinstance(answer, dict) else {}
    access, refresh = answer.get("access_token"), answer.get("refresh_token")
    # Only both together are a pair: a good one is never overwritten with half of one.
    if isinstance(access, str) and access and isinstance(refresh, str) and refresh:
        return Pair(access, refresh, _seconds(answer.get("expires_in")))
    code = answer.get("error")
    told = f"error {code}" if isinstance(code, int) else f"HTTP {response.status_code} without a pair"
    raise TokenRefused(f"Zalo does not renew the token: {told}")


def _seconds(value: object) -> float:
    """``expires_in`` comes as a string: 25 hours or one, as Zalo likes."""
    try:
        seconds = float(str(value))
    except ValueError:
        return UNKNOWN_SECONDS
    return seconds if 0 < seconds < 366 * 86_400 else UNKNOWN_SECONDS
