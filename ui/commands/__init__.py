"""The subcommands of `semapix`, by topic."""
