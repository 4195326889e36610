"""goldenpath: proves that a repository walks the golden path, and says what to do next where it does not."""

__version__ = "0.4.0"
