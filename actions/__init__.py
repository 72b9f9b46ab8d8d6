"""Rasa custom actions: each reads the turn, asks the catalogue or the dossiers, and composes a reply."""
