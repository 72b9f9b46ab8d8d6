"""Hypothesis without its clock: an example that a busy machine takes long over is not wrong."""

from __future__ import annotations

from hypothesis import HealthCheck, settings


def unhurried() -> None:
    """From here on; what else holds (where ``CI`` is set: the same examples each time) stays."""
    settings.register_profile(
        "unhurried", parent=settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow]
    )
    settings.load_profile("unhurried")
