"""The steps of a composite action, run as GitHub's runner would run them: in order, each with what came before it."""

from __future__ import annotations

import os
import re
import subprocess
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

Used = dict[str, "Callable[[dict[str, str]], dict[str, str]]"]
"""What stands in for the actions that are used, which only a real runner can run: from `with` to outputs."""


class Run:
    """One use of the action: what its steps have printed, given and written, by the end.

    One that is given what another has `installed` begins where that one judged.
    """

    def __init__(
        self,
        action: Path,
        workspace: Path,
        temporary: Path,
        used: Used,
        installed: Mapping[str, str] | None = None,
        **inputs: str,
    ) -> None:
        self.log, self.summary, self.failed = "", "", False
        self.ran: list[str] = []
        """The steps that ran, each by its id or the action that it uses."""
        self._workspace, self._temporary = workspace, temporary
        document: Any = yaml.safe_load((action / "action.yml").read_text(encoding="utf-8"))
        defaults = {name.replace("_", "-"): value for name, value in inputs.items()}
        assert defaults.keys() <= document["inputs"].keys(), "the runner warns of inputs that there are not"
        given = {name: declared["default"] for name, declared in document["inputs"].items()} | defaults
        self._known: dict[str, str] = {
            **(installed or {}),
            **{f"inputs.{name}": value for name, value in given.items()},
        }
        self._known |= {"github.action_path": str(action), "runner.temp": str(temporary)}
        self.installed: Mapping[str, str] | None = None
        """What is known where it begins to judge."""
        steps = document["runs"]["steps"]
        self._steps = {step["id"] for step in steps if "id" in step}
        if installed:
            steps = steps[[step.get("id") for step in steps].index("check") :]
        for step in steps:
            if step.get("id") == "check":
                self.installed = dict(self._known)
            if self._holds(step.get("if", "success()")):
                self._step(step, used)
        self.outputs = {name: self._filled(output["value"]) for name, output in document["outputs"].items()}

    def _step(self, step: Mapping[str, Any], used: Used) -> None:
        name = step.get("id", "")
        if "uses" in step:
            action, _, commit = step["uses"].partition("@")
            assert re.fullmatch("[0-9a-f]{40}", commit), step["uses"]
            self.ran.append(name or action)
            outputs = used[action]({key: self._filled(str(value)) for key, value in step["with"].items()})
        else:
            self.ran.append(name)
            outputs = self._run(step)
        self._known |= {f"steps.{name}.outputs.{key}": value for key, value in outputs.items()}

    def _run(self, step: Mapping[str, Any]) -> dict[str, str]:
        script = self._temporary / "script.sh"
        script.write_text(step["run"], encoding="utf-8")  # an expression in it would reach the shell as it is, and fail
        files = {name: self._temporary / f"{name}.file" for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
        for file in files.values():
            file.write_text("", encoding="utf-8")
        own = {name: self._filled(value) for name, value in step.get("env", {}).items()}
        about = {"RUNNER_TEMP": str(self._temporary), "RUNNER_OS": "Linux", "RUNNER_ARCH": "X64"}
        done = subprocess.run(
            step["shell"].format(script).split(), cwd=self._workspace, text=True, check=False,
            env=os.environ | about | {name: str(file) for name, file in files.items()} | own,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        self.log += done.stdout
        self.summary += files["GITHUB_STEP_SUMMARY"].read_text(encoding="utf-8")
        self.failed = self.failed or done.returncode != 0
        self.code = done.returncode
        outputs = {}
        for line in files["GITHUB_OUTPUT"].read_text(encoding="utf-8").splitlines():
            name, equals, value = line.partition("=")
            assert equals, line
            assert "<<" not in name, line
            outputs[name] = value
        return outputs

    def _holds(self, condition: str) -> bool:
        """Whether a step runs: terms between `&&`, of which each compares, or asks how the job stands."""
        terms = condition.removeprefix("${{ ").removesuffix(" }}").split(" && ")
        asks = {"success()", "!cancelled()"}.intersection(terms)
        return all(self._term(term) for term in terms) and (bool(asks) or not self.failed)

    def _term(self, term: str) -> bool:
        if term in {"success()", "!cancelled()"}:
            return term == "!cancelled()" or not self.failed
        compared = re.fullmatch(r"(\S+) (==|!=) '([^']*)'", term)
        assert compared, f"not known here: {term}"
        same = self._value(compared[1]).lower() == compared[3].lower()  # as GitHub compares texts
        return same == (compared[2] == "==")

    def _filled(self, text: str) -> str:
        return re.sub(r"\$\{\{ (.*?) \}\}", lambda match: self._value(match[1]), text)

    def _value(self, expression: str) -> str:
        if expression in self._known:
            return self._known[expression]
        step = re.fullmatch(r"steps\.([\w-]+)\.outputs\.[\w-]+", expression)
        assert step, f"not known here: {expression}"
        assert step[1] in self._steps, f"no step has this id: {expression}"
        return ""
