"""Commands that hand answers on to other programs."""
