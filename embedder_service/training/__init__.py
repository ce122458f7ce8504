"""Trains and evaluates the heads of the embedded model; no part of the running service."""
