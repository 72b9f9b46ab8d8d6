"""The volunteers' desk: people take over where the assistant stops, and it learns from them.

A gateway builds it once and mounts it (``bot.desk.desk``, ``bot.desk.routes``)::

    desk = build_desk(settings, mailbox, centre, catalog, engine.turn)
    app = Starlette(routes=[…, *desk_routes(desk)])
"""
