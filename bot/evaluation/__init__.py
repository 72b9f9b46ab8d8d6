"""How well the assistant understands: labelled questions through the real stack, figures out."""
