"""What a pipeline does to the artifacts of a release, found out without running it.

`runs` walks through jobs and steps, each a `state` that sees `contexts`; `actions` and `commands` (with their `words`)
say what those do, by the tables actions.yaml and commands.yaml (`tables`), with what they share in `effects`; `tools`
follow what releases by itself, by files of its own. All of them write down `acts`. `untrusted` is about what people
without any right bring into a run.
"""
