"""A repository without an image: what its language ships is released, by a workflow whose lines are run here."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import venv
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

import chains
import toolbox
from adopting import added, adopt, repository, tier
from chains import COMMIT, FORGES
from cosigning import WITHOUT_SERVICES, Cosign

if TYPE_CHECKING:
    from collections.abc import Mapping

    from toolbox import Tool

pytestmark = pytest.mark.timeout(300)

GO = {
    "go.mod": "module example.org/shop\n\ngo 1.24\n",
    "cmd/shop/main.go": 'package main\n\nfunc main() { println("up") }\n',
    "README.md": "# Shop\n",
}
NPM = {
    "package.json": '{"name": "shop", "version": "1.0.0", "scripts": {"build": "mkdir -p dist && cp a.js dist/"}}\n',
    "package-lock.json": '{"name": "shop", "version": "1.0.0", "lockfileVersion": 3, "packages": {"": {}}}\n',
    "a.js": "exports.up = true;\n",
    ".gitignore": "dist/\n",
}
PYTHON = {
    "pyproject.toml": """
        [build-system]
        requires = ["hatchling"]
        build-backend = "hatchling.build"
        [project]
        name = "shop"
        version = "1.0.0"
        """,
    "shop/__init__.py": "",
}
SETUP_PY = {
    "setup.py": """
        import os
        from setuptools import find_packages, setup

        CLASSIFIERS = ["Programming Language :: Python", "Topic :: Software Development :: Libraries"]
        setup(name="shop", version=os.environ["HOME"], packages=find_packages(), classifiers=CLASSIFIERS)
        """,
    "shop/__init__.py": "",
}
SETUP_CFG = {
    "setup.cfg": """
        [metadata]
        name = shop
        classifiers =
            Programming Language :: Python
            Topic :: Software Development :: Libraries :: Python Modules
        """,
    "setup.py": "from setuptools import setup\n\nsetup()\n",
    "shop.py": "",
}
MAVEN = {"pom.xml": "<project><packaging>war</packaging></project>\n", "src/main/java/A.java": "class A {}\n"}
GRADLE = {"build.gradle": "sourceCompatibility = '17'\n", "src/main/java/A.java": "class A {}\n"}

SHIPPED: dict[str, tuple[dict[str, str], str]] = {
    "Go: its programs": (GO, "-linux-$arch"),
    "npm: the package": (NPM, "npm pack --pack-destination release-files"),
    "Python: wheel and sdist": (PYTHON, "python -m build --outdir release-files"),
    "Python: the same by setuptools alone": (SETUP_PY, "python -m build --outdir release-files"),
    "Python: its sources, where only setup.py knows how": (
        {"setup.py": "import numpy\nfrom setuptools import setup\nsetup(name='shop')\n", "shop.py": ""},
        "git archive",
    ),
    "Maven: a war": (MAVEN, "cp target/*.war release-files/"),
    "Gradle: jars": (GRADLE, "cp build/libs/*.jar release-files/"),
    "a Go library: its sources": ({"go.mod": GO["go.mod"], "shop.go": "package shop\n"}, "git archive"),
    "a script: its sources": ({"app.py": "print('up')\n"}, "git archive"),
}


@pytest.mark.parametrize(("files", "line"), SHIPPED.values(), ids=SHIPPED.keys())
def test_a_repository_without_an_image_releases_what_it_ships_and_meets_bronze(
    tmp_path: Path, suite: Path, tool: Tool, files: Mapping[str, str], line: str
) -> None:
    shop = repository(tmp_path / "shop", files)
    done = adopt(shop, suite, "--yes")

    assert done.returncode == 0, done.stderr
    assert ".github/workflows/release.yml" in added(shop)
    assert line in (shop / ".github" / "workflows" / "release.yml").read_text(encoding="utf-8")
    for command in (tool("actionlint"),), (tool("zizmor"), "--offline", "--quiet", ".github/workflows"):
        linted = subprocess.run(command, cwd=shop, text=True, capture_output=True, check=False)
        assert linted.returncode == 0, linted.stdout + linted.stderr
    assert tier(shop) == "bronze"


# ---- a library is asked for less

NPM_LIBRARY = {
    "package.json": '{"name": "shop", "version": "1.0.0", "main": "a.js", "files": ["a.js"]}\n',
    "a.js": "exports.up = true;\n",
}
LIBRARIES: dict[str, tuple[dict[str, str], tuple[str, ...]]] = {
    "a Go module without a program": ({"go.mod": GO["go.mod"], "shop.go": "package shop\n"}, ()),
    "a public package of npm": (NPM_LIBRARY, ()),
    "a Python project that says so": (
        PYTHON
        | {
            "pyproject.toml": PYTHON["pyproject.toml"]
            + '        classifiers = ["Topic :: Software Development :: Libraries :: Python Modules"]\n'
        },
        (),
    ),
    "a Python project that says so in setup.py": (SETUP_PY, ()),
    "a Python project that says so in setup.cfg": (SETUP_CFG, ()),
    "what its team calls one": (MAVEN, ("-d", "adopted_type=library")),
    "what the catalog calls one": (
        {"app.py": "", "catalog-info.yaml": """
            apiVersion: backstage.io/v1alpha1
            kind: Component
            metadata:
              name: shop
              annotations: {github.com/project-slug: acme/shop}
              links: [{url: https://acme.slack.com/archives/C024BE91L, title: Chat, type: chat}]
            spec: {type: library, owner: payments, lifecycle: production}
            """},
        (),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("files", "more"), LIBRARIES.values(), ids=LIBRARIES.keys())
def test_a_library_gets_only_what_a_library_is_asked_for_and_meets_bronze(
    tmp_path: Path, suite: Path, files: Mapping[str, str], more: tuple[str, ...]
) -> None:
    shop = repository(tmp_path / "shop", files)
    done = adopt(shop, suite, "--yes", *more, team=("-d", "owner=payments", "-d", "chat=payments"))

    assert (done.returncode, done.stderr) == (0, "")
    laid = {
        ".copier-answers.yml", ".github/CODEOWNERS", ".github/dependabot.yml", ".github/workflows/golden-path.yml",
        ".github/workflows/release.yml", "catalog-info.yaml", "docs/golden-path.md", "docs/index.md", "mkdocs.yml",
    }  # fmt: skip
    assert added(shop) == laid - files.keys()
    text = "".join((shop / path).read_text(encoding="utf-8") for path in added(shop) - {".copier-answers.yml"})
    assert not [word for word in ("runbook", "pagerduty", "observability/", "slo.md", "dashboard") if word in text]
    assert "  type: library\n" in (shop / "catalog-info.yaml").read_text() or "catalog-info.yaml" in files
    assert tier(shop) == "bronze"

    toolbox.commit(shop)
    toolbox.copier(shop, "update", "--vcs-ref", ":current:", "-d", "lifecycle=deprecated")
    assert set(toolbox.status(shop)) == {".copier-answers.yml", "docs/golden-path.md"} | (
        laid & {"catalog-info.yaml"} - files.keys()
    )


# ---- the chain, executed


@dataclass(frozen=True)
class Shipping:
    """A repository whose release is run: what it needs, what it ships, and a name that the SBOM has to have.

    `by_clock` is what its tool dates by the clock whatever it is told.
    """

    files: Mapping[str, str]
    ships: tuple[str, ...]
    described: str
    needs: tuple[str, ...] = ()
    by_clock: tuple[str, ...] = ()


LOCKED = """
    {"name": "shop", "version": "1.0.0", "lockfileVersion": 3, "packages": {
      "": {"name": "shop", "version": "1.0.0", "dependencies": {"ms": "2.1.3"}},
      "node_modules/ms": {"version": "2.1.3", "integrity":
        "sha512-6FlzubTLZG3J2a/NVCAleEhjzq5oxgHyaCU9yYXvcLsvoVaHJq/s5xXI6/XXP6tz7R9xAOtHnSO/tXtF3WRTlA=="}}}
    """
POM = """
    <project>
      <modelVersion>4.0.0</modelVersion>
      <groupId>org.example</groupId>
      <artifactId>shop</artifactId>
      <version>1.0.0</version>
      <properties>
        <maven.compiler.release>17</maven.compiler.release>
        <project.build.sourceEncoding>UTF-8</project.build.sourceEncoding>
      </properties>
      <build>
        <plugins>
          <plugin><artifactId>maven-jar-plugin</artifactId><version>3.5.1</version></plugin>
          <plugin><artifactId>maven-compiler-plugin</artifactId><version>3.15.0</version></plugin>
        </plugins>
      </build>
    </project>
    """
GRADLEW = """
    #!/bin/sh
    # What `gradle assemble` does with the archives of a build that obeys the script it is given.
    set -eu
    test "$1 $2 $4" = "--no-daemon --init-script assemble"
    grep --quiet "preserveFileTimestamps = false" "$3"
    mkdir -p build/classes build/libs
    javac -d build/classes $(find src/main/java -name '*.java')
    jar --create --file build/libs/shop.jar --date 1980-02-01T00:00:00Z -C build/classes .
    """
WITH_NEEDS = {"pyproject.toml": PYTHON["pyproject.toml"] + '        dependencies = ["iniconfig==2.0.0"]\n'}

RUN = {
    "go": Shipping(GO, ("shop-linux-amd64", "shop-linux-arm64"), "example.org/shop", ("go",)),
    "npm": Shipping(
        NPM | {"package.json": NPM["package.json"].replace("{", '{"dependencies": {"ms": "2.1.3"}, ', 1),
               "package-lock.json": LOCKED},
        ("shop-1.0.0.tgz",), "ms", ("node",),
    ),
    "python": Shipping(PYTHON | WITH_NEEDS, ("shop-1.0.0-py2.py3-none-any.whl", "shop-1.0.0.tar.gz"), "iniconfig"),
    "python by setuptools": Shipping(
        SETUP_CFG | {"setup.cfg": SETUP_CFG["setup.cfg"] + "        [options]\n        py_modules = shop\n"},
        ("shop-0.0.0-py3-none-any.whl", "shop-0.0.0.tar.gz"), "shop", by_clock=("shop-0.0.0.tar.gz",),
    ),
    "maven": Shipping({"pom.xml": POM, "src/main/java/A.java": "class A {}\n"}, ("shop-1.0.0.jar",), "shop", ("mvn",)),
    "gradle": Shipping(GRADLE | {"gradlew": GRADLEW}, ("shop.jar",), "shop", ("java",)),
    "sources": Shipping({"requirements.txt": "iniconfig==2.0.0\n"}, ("shop-0.1.0.tar.gz",), "iniconfig"),
}  # fmt: skip

OUTPUT = re.compile(r"\$\{\{ steps\.\w+\.outputs\.(?P<name>\w+) \}\}")


@dataclass(frozen=True)
class Chain:
    """The jobs of a release, and the folder in which their lines run."""

    jobs: dict[str, Any]
    work: Path
    environment: dict[str, str]

    def run(self, job: str, *steps: str, **environment: str) -> str:
        """Run a job's lines, or only some steps; returns the step that was refused, nothing if none was."""
        wanted = (step for step in self.jobs[job]["steps"] if "run" in step and (not steps or step["name"] in steps))
        for step in wanted:
            own = {name: self._filled(text) for name, text in step.get("env", {}).items()}
            line = [(step["name"], step["run"])]
            if refused := chains.run_on_github(line, self.work, self.environment | own | environment):
                return refused
        return ""

    def _filled(self, text: str) -> str:
        """A text of a step with what an earlier one of the job has said."""
        said = dict(line.split("=") for line in Path(self.environment["GITHUB_OUTPUT"]).read_text().split())
        return OUTPUT.sub(lambda found: said[found["name"]], text)


@pytest.fixture(scope="module")
def own_key(suite: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The suite of an organisation that signs with a key."""
    own = tmp_path_factory.mktemp("own") / "suite"
    toolbox.git(own.parent, "clone", "--quiet", str(suite), str(own))
    choices = own / "templates" / "questions" / "organization.yml"
    text = choices.read_text(encoding="utf-8").replace("  default: keyless\n", "  default: kms\n")
    choices.write_text(text.replace("awskms:///alias/release-signing", "hashivault://release"), encoding="utf-8")
    return toolbox.commit(own, "feat: our key", tag="v9.0.0")


@pytest.fixture(scope="module", params=RUN)
def shipping(request: pytest.FixtureRequest) -> Shipping:
    return RUN[request.param]


@pytest.fixture(scope="module")
def chain(shipping: Shipping, own_key: Path, tool: Tool, tmp_path_factory: pytest.TempPathFactory) -> Chain:
    """What a language ships, built, described and signed by the lines of the workflow, with keys for the KMS."""
    folder = tmp_path_factory.mktemp("release")
    found = [tool(name).parent for name in (*shipping.needs, "syft")]
    cosign = Cosign(tool("cosign"), folder)
    work = repository(folder / "shop", shipping.files)
    if "gradlew" in shipping.files:
        (work / "gradlew").chmod(0o755)
        toolbox.commit(work)
    assert adopt(work, own_key, "--yes").returncode == 0
    toolbox.commit(work, "feat: adopt")
    text = (work / ".github" / "workflows" / "release.yml").read_text(encoding="utf-8")
    if "setup-python" in text:
        venv.create(folder / "python", with_pip=True)
    caches: dict[str, str] = {}
    if "go" in shipping.needs:  # compiling Go's own packages for two processors takes a core twenty seconds
        asked = [str(tool("go")), "env", "GOCACHE"]
        caches["GOCACHE"] = subprocess.run(asked, text=True, capture_output=True, check=True).stdout.strip()
    programs = folder / "bin"
    programs.mkdir()
    (programs / "cosign").write_text(WITHOUT_SERVICES.format(cosign=cosign.program, folder=folder), encoding="utf-8")
    (programs / "cosign").chmod(0o755)
    environment = os.environ | {
        "PATH": os.pathsep.join([*map(str, (programs, folder / "python" / "bin", *found)), os.environ["PATH"]]),
        "HOME": str(folder), "COSIGN_PASSWORD": "", "KMS_KEY": str(folder / "ours.key"), "GOTOOLCHAIN": "local",
        **caches, "GITHUB_OUTPUT": str(folder / "output"), "RUNNER_TEMP": str(folder),
        "GITHUB_REF_NAME": "v0.1.0", "GITHUB_SHA": COMMIT, **FORGES["github"].variables,
        "GITHUB_REPOSITORY": "acme/shop", "TMPDIR": str(folder),  # on the disk, for syft unpacks what it looks into
    }  # fmt: skip
    made = Chain(yaml.safe_load(text)["jobs"], work, environment)
    assert made.run("build") == ""
    assert made.run("scan", "Install what is released", "List what the files contain") == ""
    assert made.run("sign") == ""
    return made


@pytest.fixture
def copy(chain: Chain, tmp_path: Path) -> Chain:
    """The same release, to be tampered with."""
    shutil.copytree(chain.work, tmp_path / "shop", symlinks=True)
    return Chain(chain.jobs, tmp_path / "shop", chain.environment | {"KMS_KEY": f"{chain.work.parent}/ours.pub"})


def test_what_the_workflow_signs_it_verifies(copy: Chain, shipping: Shipping) -> None:
    assert released(copy).keys() == set(shipping.ships)
    assert copy.run("verify") == ""


def test_files_that_are_built_twice_are_the_same(chain: Chain, shipping: Shipping, tmp_path: Path) -> None:
    """In another folder, at another time, from the same commit."""
    toolbox.git(tmp_path, "clone", "--quiet", str(chain.work), "again")
    again = Chain(chain.jobs, tmp_path / "again", chain.environment)

    assert again.run("build") == ""
    first, second = released(chain), released(again)
    assert first.keys() == second.keys()
    assert {name for name in first if first[name] != second[name]} <= set(shipping.by_clock)


def released(chain: Chain) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (chain.work / "release-files").iterdir()}


def test_the_sbom_names_what_the_files_hold(chain: Chain, shipping: Shipping) -> None:
    sbom = json.loads((chain.work / "sbom.spdx.json").read_text(encoding="utf-8"))

    names = {package["name"] for package in sbom["packages"]}
    assert shipping.described in names
    assert "pip" not in names  # nor what installed it


def test_another_key_another_commit_and_another_file_are_refused(copy: Chain, shipping: Shipping) -> None:
    theirs = str(copy.environment["KMS_KEY"]).replace("ours.pub", "theirs.pub")
    assert copy.run("verify", KMS_KEY=theirs).startswith("Verify the signature of the list: ")
    assert copy.run("verify", GITHUB_SHA=COMMIT[::-1]).startswith("Verify where the files come from: ")

    with (copy.work / "release-files" / shipping.ships[0]).open("ab") as file:
        file.write(b"tampered with")
    assert copy.run("verify").startswith("The files are those of the list: ")
    (copy.work / "release-files" / shipping.ships[0]).unlink()
    assert copy.run("verify").startswith("The files are those of the list: ")


def test_a_release_without_sbom_or_provenance_is_refused(copy: Chain) -> None:
    proofs = {"provenance": "Verify where the files come from: ", "sbom": "Verify what the files contain: "}
    for proof, refused in proofs.items():
        shutil.copy(copy.work / "checksums.txt.sigstore.json", copy.work / f"{proof}.sigstore.json")
        assert copy.run("verify").startswith(refused)
