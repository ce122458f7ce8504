"""What people touch: the `semapix` command line and the web page. It knows the gateway alone."""
