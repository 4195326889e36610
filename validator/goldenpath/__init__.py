"""goldenpath: proves that a repository walks the golden path, and says what to do next where it does not."""

from time import time

__version__ = "0.24.0"

BEGUN = time()
"""When this process began to load goldenpath. What of it has changed since may be loaded, or the one before."""
