"""Makefiles, read without running them: which recipe lines `make` would hand to a shell, and in which order.

`expansion` turns references and functions into values, `reading` a file into rules, `planning` goals into recipe lines.
What only a run knows is a symbol in a value, a condition on a line, or the reason why nothing is concluded (`Unclear`).
"""

IF_OLD = "make: "
"""How the condition begins under which make runs a recipe: that a file is older than what it is made from."""
