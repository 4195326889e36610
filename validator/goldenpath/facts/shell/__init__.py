"""Shell scripts, followed without running them: `follow(script, variables, shell)` returns a `Script`.

`syntax` is the grammar, `expansion` turns words into values with `text`, `conditions` decides tests, `state` is what a
shell knows, `walk` goes through it all, and `follow` is where a walk begins.
"""

from goldenpath.facts.shell.follow import follow
from goldenpath.facts.shell.script import Command, Opaque, Redirect, Script
from goldenpath.facts.shell.syntax import Unfollowable

__all__ = ["Command", "Opaque", "Redirect", "Script", "Unfollowable", "follow"]
