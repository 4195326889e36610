"""libyaml's parser is there without the rest of PyYAML, and the rest as soon as it is wanted."""

from __future__ import annotations

import subprocess
import sys

import pytest


def python(program: str) -> str:
    """What a Python of its own prints, in which nobody has imported yaml before the nodes."""
    program = f"import sys\nfrom goldenpath.facts.nodes import parse\nparse('f.yaml', 'a: 1')\n{program}"
    return subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout.strip()


def test_nothing_is_loaded_that_only_loads_and_dumps() -> None:
    loaded = python("print(*sorted(name for name in sys.modules if name.startswith('yaml.')))")
    assert loaded.split() == ["yaml._yaml", "yaml.error", "yaml.events", "yaml.nodes", "yaml.tokens"]


@pytest.mark.parametrize(
    "program",
    [
        "import yaml; print(yaml.safe_load('1'))",
        "import yaml; print(yaml.load('1', yaml.CSafeLoader))",
        "import yaml.resolver; print(yaml.safe_dump(1).split()[0])",
        "from yaml import SafeLoader; print(SafeLoader('1').get_single_data())",
        "from yaml.constructor import SafeConstructor; print(int(SafeConstructor.yaml_constructors is not None))",
        "import yaml; print(len(yaml.compose('[a]', yaml.CSafeLoader).value))",
        "import yaml; print(int(yaml.__with_libyaml__))",
    ],
)
def test_whoever_wants_the_rest_has_it(program: str) -> None:
    assert python(program) == "1"


def test_the_package_knows_the_errors_of_its_parser_in_c() -> None:
    program = """
import yaml
for text in "[", "\\x01", "*a":
    try:
        yaml.load(text, yaml.CSafeLoader)
    except yaml.YAMLError as error:
        print(type(error).__name__)
"""
    assert python(program).split() == ["ParserError", "ReaderError", "ComposerError"]
