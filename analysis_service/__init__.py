"""Finds structure in a library: clusters, a map, duplicates, each as a job with progress."""
