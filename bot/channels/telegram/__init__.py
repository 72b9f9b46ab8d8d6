"""The channel Telegram: webhook or polling, sender."""
