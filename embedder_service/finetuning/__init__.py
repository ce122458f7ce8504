"""Teaches an encoder names: of persons, places, things. Works for CLIP checkpoints and `mini`."""
