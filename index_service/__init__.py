"""Keeps the catalogue of one library and finds photos by vectors."""
