"""Training of the `mini` detector: one command, seeded, resumable, on a CPU or a GPU."""
