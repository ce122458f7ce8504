"""What at least two services need and must agree on."""
