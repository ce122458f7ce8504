"""Finds objects and reads texts in pictures: the only service that knows detectors and OCR."""
