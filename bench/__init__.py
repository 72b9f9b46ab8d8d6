"""Benches: each module is one. ``make bench`` runs them all, ``make bench ARGS=<name>`` one of them.

A bench is a module of this folder whose docstring begins with its title and which has
``run(report: Report) -> None``. It is bounded in count and time, uses loopback only, writes into
temporary folders and stops what it starts by process id.
"""
