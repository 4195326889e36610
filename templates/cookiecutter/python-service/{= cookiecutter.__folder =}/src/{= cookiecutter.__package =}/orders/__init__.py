"""Orders: an example resource, to be replaced by your own."""
