"""`python -m goldenpath`."""

from goldenpath.cli import program

program()
