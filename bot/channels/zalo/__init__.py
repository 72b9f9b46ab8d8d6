"""The channel Zalo Official Account (OA): webhook, sender, tokens."""
