"""GitLab's jobs around the proofs, run: the build says its digest, the gate refuses, and tags move at the end.

There is no container engine: Docker notes what it is asked, and leaves what BuildKit would. Nor is there a database of
vulnerabilities: grype says what the test lets it say. The lines, and the shell that they run in, are the real ones.
"""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, cast

import pytest

import chains
import toolbox
from chains import FORGES, Chain
from languages import LANGUAGES

if TYPE_CHECKING:
    from pathlib import Path

    from registries import Registry
    from toolbox import Rendered

ADDRESS = "registry.gitlab.com/acme/payments-api"
IMAGE = f"{ADDRESS}@sha256:{'ab' * 32}"
DOCKER = """#!/bin/sh
echo "$@" >> docker.log
case "$1" in create) echo container ;; login) cat > /dev/null ;; esac
for option; do
  if [ "$before" = --metadata-file ]; then cat {metadata} > "$option"; fi
  before=$option
done
"""
GRYPE = '#!/bin/sh\necho "$@" >> grype.log\nexit "$FOUND"\n'


@pytest.fixture
def chain(rendered: Rendered, tmp_path: Path, request: pytest.FixtureRequest) -> Chain:
    """The jobs of a service on GitLab, of the language that a test names, in a clone of it."""
    service = rendered(**FORGES["gitlab"].answers, template=getattr(request, "param", "python-service"))
    metadata = tmp_path / "metadata.json"
    metadata.write_text(json.dumps({"containerimage.digest": IMAGE.partition("@")[2]}), encoding="utf-8")
    programs = {"docker": DOCKER.format(metadata=metadata), "grype": GRYPE}
    nowhere = cast("Registry", None)  # nothing is pushed
    made = chains.chain(FORGES["gitlab"], service, tmp_path, nowhere, IMAGE, programs)
    shutil.copytree(service, made.work, dirs_exist_ok=True, symlinks=True)
    toolbox.commit(made.work)
    return made


def asked(chain: Chain, *beginning: str) -> list[str]:
    """What Docker was asked for, of what begins so."""
    lines = (chain.work / "docker.log").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line.startswith(" ".join(beginning))]


@pytest.mark.parametrize("chain", LANGUAGES, indirect=True)
def test_the_build_hands_on_the_digest_that_it_has_pushed(chain: Chain) -> None:
    assert chain.run("build") == ""

    (build,) = asked(chain, "buildx", "build")
    assert f"name={ADDRESS},push=true,push-by-digest=true" in build
    assert "--label org.opencontainers.image.version=v0.1.0" in build
    assert (chain.work / "build.env").read_text(encoding="utf-8") == f"DIGEST={chain.digest}\n"


@pytest.mark.parametrize("chain", LANGUAGES, indirect=True)
def test_a_tag_that_is_not_the_version_pushes_nothing(chain: Chain) -> None:
    assert chain.run("build", CI_COMMIT_TAG="v0.2.0") != ""
    assert asked(chain, "buildx", "build") == []


def test_the_gate_is_about_the_digest_and_stops_the_release(chain: Chain) -> None:
    assert chain.run("scan", FOUND="0") == ""
    assert chain.run("scan", FOUND="2") != ""

    scans = set((chain.work / "grype.log").read_text(encoding="utf-8").splitlines())
    assert scans == {f"registry:{IMAGE} --only-fixed --fail-on high"}


@pytest.mark.parametrize(
    ("tag", "moved"), [("v0.1.0", ["0.1.0", "latest"]), ("v0.2.0-rc.1", ["0.2.0-rc.1"])], ids=["release", "prerelease"]
)
def test_tags_move_to_the_digest_and_a_prerelease_leaves_latest(chain: Chain, tag: str, moved: list[str]) -> None:
    assert chain.run("release", CI_COMMIT_TAG=tag) == ""

    create = "buildx imagetools create --tag"
    assert asked(chain, create) == [f"{create} {ADDRESS}:{each} {IMAGE}" for each in moved]
