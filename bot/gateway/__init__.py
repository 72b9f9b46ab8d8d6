"""The HTTP gateway: API, web chat and pages. ``app.create_app`` builds it from its ``Services``."""
