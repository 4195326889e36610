"""Programs in Python that can but read, compute and write files, and programs that could do more."""

from __future__ import annotations

import pytest

from releasing import PUSH, SHIP, SIGN, released_by
from trees import judge

RELEASES = 'run(["gh", "release", "create", "v2"])'
HELPER = "from tools.helper import tell\ntell()\n"
CONFINED = [
    'import shutil\nshutil.rmtree("dist", ignore_errors=True)\n',
    "import argparse, os, re, sys\nfrom pathlib import Path\nfor each in Path(os.getcwd()).rglob('*.yml'):\n"
    "    if re.compile('x').search(each.read_text()):\n        sys.exit(1)\n",
    "import json\nprint('git push to https://github.com is what you do', json.load(open('x.json')))\n",
    "import yaml\nread = yaml.safe_load(open('x.yml'))\nprint(getattr(read, 'x', None))\n",
    "# -*- coding: latin-1 -*-\nfrom xml.etree import ElementTree\nprint(ElementTree.parse('x.xml').getroot())\n",
    "class One:\n    def __init__(self): self._x = 1\n    def x(self): return self._x\nopen('x', 'w').write('x')\n",
    "try:\n    import tomllib\nexcept ImportError:\n    import tomli as tomllib\nopen('x.json', 'w').write('{}')\n",
    "import re\nmatch re.match('x', 'x'):\n    case object(string=it): print(it)\n",
    "from dataclasses import dataclass\n@dataclass\nclass One:\n    x: int\n    def __str__(self): return ''\n",
]
OTHERS = [
    f"from subprocess import run\n{RELEASES}\n",
    'import os\nos.system("gh release create v2")\n',
    'from os import system as s\ns("gh release create v2")\n',
    'import os as o\no.execvp("gh", ["gh"])\n',
    'from os import *\nsystem("gh release create v2")\n',
    'import shutil\nshutil.os.system("gh release create v2")\n',
    'import os\nask = lambda it: it.system\nask(os)("gh release create v2")\n',
    'import os\ngetattr(os, "sys" + "tem")("gh release create v2")\n',
    'from operator import methodcaller\nmethodcaller("system", "gh release create v2")\n',
    'print.__self__.__import__("os").system("gh release create v2")\n',
    'import sys\nsys.modules["os"].system("gh release create v2")\n',
    'eval("__import__(\'os\')").system("gh release create v2")\n',
    'vars()["__builtins__"]\n',
    'import urllib.request\nurllib.request.urlopen("https://example.com", b"x")\n',
    "import acme\nacme.release()\n",
    "import pty\npty.spawn('gh')\n",
    "import enum\nenum.bltns.eval('1')\n",
    "import enum as e\ne.bltns.compile('1', '', 'exec')\n",
    "from enum import bltns as b\nb.eval('1')\n",
    "import shutil\nmatch shutil:\n    case object(os=it): it.spawn\n",
    "import shutil, string\nstring.Formatter().get_field('0.os.sys' + 'tem', [shutil], {})[0]('gh')\n",
    "import uuid\nuuid._get_command_stdout('gh', 'release')\n",
    "from uuid import _get_command_stdout as ask\nask('gh', 'release')\n",
    "(lambda: (yield))().gi_frame.f_builtins['ev' + 'al']('1')\n",
    "try: 1 / 0\nexcept Exception as it: it.with_traceback(None).x.tb_frame.f_globals\n",
    "help('tools.y')\n",
    "from xml.sax import make_parser\nmake_parser(['tools.y'])\n",
    "from xml.dom import getDOMImplementation as ask\nask('tools.y')\n",
    "import pathlib\npathlib.Path(__file__).with_name('csv.py').write_text('x')\nimport csv\n",
    "open('tools/csv.py', 'w').write('x')\ndef late():\n    import csv\nlate()\n",
    "import functools\n@functools.singledispatch\ndef ask(it: 'x'): ...\n",
    "import pickle\npickle.load(open('x', 'rb'))\n",
    "from marshal import loads\nprint(loads(open('x', 'rb').read()))\n",
    "import shelve\nshelve.open('x')['x']\n",
    "import yaml\nyaml.load(open('x'), Loader=yaml.UnsafeLoader)\n",
    "import yaml\nyaml.unsafe_load(open('x'))\n",
    "import yaml\nyaml.load(open('x'), yaml.Loader)\n",
    "from logging.config import fileConfig\nfileConfig('x.ini')\n",
    "import code\ncode.interact()\n",
    "import timeit\ntimeit.timeit(open('x').read())\n",
    "import cProfile\ncProfile.run(open('x').read())\n",
    "import pkgutil\npkgutil.resolve_name('o' 's:sys' 'tem')('gh')\n",
    "import ctypes\nctypes.CDLL(None)['sys' 'tem'](b'gh')\n",
    "import os\nos.__getattribute__('sys' 'tem')('gh')\n",
    "import os as it\ndo = it.execv\ndo('/bin/gh', ['gh'])\n",
    "from os import execvp as do\ndo('gh', ['gh'])\n",
    "import inspect, os\ndict(inspect.getmembers(os))['sys' 'tem']('gh')\n",
    "import site\nsite.addsitedir('x')\n",
    "breakpoint()\n",
    "import os\nos.\u017fystem('gh release create v2')\n",
    "import json, acme\nimport numpy\nacme.release()\n",
    "import numpy\nfrom .helper import tell\ntell()\n",
    "import numpy; import acme\nacme.release()\n",
    "# -*- coding: utf-7 -*-\n# +AAo-import os+AAo-\n",
    "#!/usr/bin/env python\n# vim: set fileencoding=raw_unicode_escape :\n# \\u000aimport os\n",
]


@pytest.mark.parametrize("text", CONFINED)
def test_a_program_that_can_but_read_and_write_files_releases_nothing(text: str) -> None:
    for run in ("python tools/x.py --all", "python -m tools.x"):
        files = released_by(PUSH, f"- run: {run}\n", SIGN, SHIP) | {"tools/x.py": text}
        assert judge("build-signed", files).verdict == "pass"


@pytest.mark.parametrize("text", OTHERS)
def test_a_program_that_could_do_more_may_release(text: str) -> None:
    files = released_by(PUSH, "- run: python tools/x.py\n", SIGN, SHIP) | {"tools/x.py": text}
    assert judge("build-signed", files).verdict == "unknown"


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        ({"tools/helper.py": "import json\ndef tell(): print(json.dumps(1))\n"}, "pass"),
        ({"tools/helper.py": f"from subprocess import run\ndef tell(): {RELEASES}\n"}, "unknown"),
        (
            {
                "tools/helper.py": "def tell(): ...\n",
                "tools/__init__.py": f"import subprocess\nsubprocess.{RELEASES}\n",
            },
            "unknown",
        ),
        ({}, "unknown"),
    ],
)
def test_what_a_program_imports_is_asked_the_same(others: dict[str, str], expected: str) -> None:
    files = released_by(PUSH, "- run: python x.py\n", SIGN, SHIP) | {"x.py": HELPER} | others
    assert judge("build-signed", files).verdict == expected


def test_a_file_of_the_repository_stands_before_the_language_s_own_module() -> None:
    files = released_by(PUSH, "- run: python x.py\n", SIGN, SHIP) | {"x.py": "import json\njson.x()\n"}
    assert judge("build-signed", files).verdict == "pass"
    own = files | {"json.py": f"from subprocess import run\n{RELEASES}\n"}
    assert judge("build-signed", own).verdict == "unknown"


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ('- run: python -c \'import json; print(json.load(open("package.json"))["version"])\'\n', "pass"),
        ("- run: python -c 'import os; os.system(\"gh release create v2\")'\n", "unknown"),
        ("- {shell: python, run: 'print(\"${{ hashFiles(''tox.ini'') }}\")'}\n", "pass"),
        ("- {shell: python, run: 'x = ${{ vars.CODE }}'}\n", "unknown"),
    ],
)
def test_a_program_that_stands_in_the_step(step: str, expected: str) -> None:
    assert judge("build-signed", released_by(PUSH, step, SIGN, SHIP)).verdict == expected


def test_a_program_may_write_what_is_built_or_be_a_test() -> None:
    writes = 'open("sbom.json", "w").write("bom")\n'
    files = released_by(PUSH, "- run: python x.py\n", SHIP) | {"x.py": writes}
    assert judge("sbom-generated", files).verdict == "unknown"
    files["x.py"] = 'print("sbom")\n'
    assert judge("sbom-generated", files).verdict == "fail"
    tests = {"x.py": "import shop\nassert shop.total([1]) == 1, 'test'\n", "shop.py": "def total(of): return sum(of)\n"}
    assert judge("tests-gate-release", files | tests).verdict == "unknown"


@pytest.mark.parametrize("program", ["print(1)\n", "import numpy\n"])
def test_what_python_runs_before_a_program_is_asked_the_same(program: str) -> None:
    step = "- {run: python tools/x.py, env: {PYTHONPATH: hack}}\n"
    files = released_by(PUSH, step, SIGN, SHIP) | {"tools/x.py": program}
    assert judge("build-signed", files | {"hack/sitecustomize.py": "x = 1\n"}).verdict == "pass"
    own = files | {"hack/sitecustomize.py": f"from subprocess import run\n{RELEASES}\n"}
    assert judge("build-signed", own).verdict == "unknown"


@pytest.mark.parametrize(
    "line",
    ["python -c 'import pytest, sys; sys.exit(pytest.main())'", "python -c 'import unittest; unittest.main(None)'",
     "perl -e 'exit(system(\"prove\") >> 8)'"],
)  # fmt: skip
def test_a_text_that_names_a_program_for_tests_may_run_them(line: str) -> None:
    assert judge("tests-gate-release", released_by(f"- run: |\n    {line}\n", PUSH, SHIP)).verdict == "unknown"
