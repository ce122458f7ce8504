"""The report on an encoder over labelled photos: what the thesis' evaluation chapter measured."""
