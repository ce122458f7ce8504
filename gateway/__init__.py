"""The one address of a library: photos in, questions answered; owns the originals."""
