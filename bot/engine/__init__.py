"""The part of ``bot`` that runs in the engine's environment: Rasa, its channel and its components."""
