"""The walk through a script, in parts that each have one subject.

`follower` makes them and hands each command to the one that it is of; what they need of the walk as a whole they call
back by `walker`. `record`, `limits` and `frames` are what has been found, how far the walk may go, and where it is.
"""
