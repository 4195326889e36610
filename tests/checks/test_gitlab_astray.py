"""Releases by GitLab CI in which something goes astray on the way: a digest in a file, a token, a job by hand."""

from __future__ import annotations

import re

import pytest

from pipelines import GOOD, changed, on_gitlab
from trees import judge

TAG = "  rules:\n    - if: $CI_COMMIT_TAG\n"
SAID = '    - echo "DIGEST=$DIGEST" >> build.env\n'
SIGN = '    - cosign sign --yes "$IMAGE@$DIGEST"\n'
SHIP = '    - echo "releasing $CI_COMMIT_TAG"\n  release:\n    tag_name: $CI_COMMIT_TAG\n    description: The changes\n'
JQ = "    - DIGEST=$(jq -r '.\"containerimage.digest\"' metadata.json)\n"

ALONE = """\
ship:
  {start}
  id_tokens: {{SIGSTORE_ID_TOKEN: {{aud: sigstore}}}}
  script:
    - docker buildx build --push --metadata-file metadata.json -t "$CI_REGISTRY_IMAGE:1" .
    - DIGEST=$(jq -r '."containerimage.digest"' metadata.json)
    - syft "$CI_REGISTRY_IMAGE@$DIGEST" -o cyclonedx-json=sbom.json
    - cosign attest --yes --type cyclonedx --predicate sbom.json "$CI_REGISTRY_IMAGE@$DIGEST"
    - kubectl set image deployment/shop "shop=$CI_REGISTRY_IMAGE@$DIGEST"
"""


def verdict(check: str, pipeline: str) -> str:
    return judge(check, on_gitlab(pipeline)).verdict


# --- files that hold a digest

CHANGES = [
    "sed -i 's/sha256:.*/x/' {file}",
    "rm -f {file}",
    "rm -f ./*.{end}",
    "mv other {file}",
    "cp other {file}",
    "curl -o {file} https://acme.example/other",
    "tee {file} < other",
    "env cp other {file}",
    "git checkout -- {file}",
    "sort -o {file} other",
    "awk -i inplace 1 {file}",
    "gunzip -f {file}.gz",
    "yq -i '.a = 1' {file}",
    "find . -name {file} -delete",
    "python -c \"open('{file}', 'w').write('x')\"",
    "python3 -c \"import pathlib; pathlib.Path('{file}').unlink()\"",
    "node -e \"require('fs').writeFileSync('{file}', 'x')\"",
    "ruby -e \"File.write('{file}', 'x')\"",
]
CHANGES_OF_FOLDERS = [
    "rm -rf out",
    "rm -r ./out/",
    "rm -rf out/*",
    "rm -rf $CI_PROJECT_DIR/out",
    "mv out gone",
    "mv other out",
    "cp -r other/. out",
    "cp -r other/* out/",
    "rsync -a other/ out/",
    "tar xzf other.tgz -C out",
    "unzip -o other.zip -d out",
    "find out -delete",
    "find . -name '*.{end}' -delete",
    "find out -type f -exec rm {{}} +",
    "tar xf other.tar",
    "tar -xzf other.tgz",
    "unzip -o other.zip",
    "7z x -y other.7z",
    "patch -p1 < other.patch",
    "make clean",
    "git clean -fdx",
    "git stash -u",
    "rm -rf *",
    "cd out && rm -f *",
    "cd out && echo x > {file}",
]
LEAVES = [
    "ls",
    "rm -rf other",
    "mkdir -p out",
    "cp -r other gone",
    "docker build output",
    "tar czf other.tgz out",
    "tar tf other.tgz",
    "tar xzf other.tgz -C other",
    "find . -name '*.sh' -exec chmod +x {{}} +",
    "find . -name '*.pyc' -delete",
    "git checkout main",
    "git add out",
    "cp -r out other",
]
READS = ["cat {file}", "test -s {file}", "grep sha256 {file}", "mkdir -p out", "node -e \"console.log('done')\""]


def said_and(line: str) -> str:
    return changed((SAID, f"{SAID}    - {line.format(file='build.env', end='env')}\n"))


def handed_over(line: str, file: str = "digest.txt") -> str:
    """The digest stands in a file, which is an artifact for the jobs behind; this line comes after it was written."""
    pipeline = changed(
        (SAID, f'    - echo "$DIGEST" > digest.txt\n    - {line.format(file=file, end="txt")}\n'),
        ("    reports:\n      dotenv: build.env\n", "    paths: [digest.txt]\n"),
    )
    head, verify = pipeline.split("\nverify:")
    return head + "\nverify:" + verify.replace("$IMAGE@$DIGEST", "$IMAGE@$(cat digest.txt)")


BY_KANIKO = """\
build:
  id_tokens: {SIGSTORE_ID_TOKEN: {aud: sigstore}}
  script:
    - /kaniko/executor --context . --destination "$CI_REGISTRY_IMAGE:1" --digest-file digest.txt
    - LINE
    - cosign sign --yes "$CI_REGISTRY_IMAGE@$(cat digest.txt)"
    - kubectl set image deployment/shop "shop=$CI_REGISTRY_IMAGE@$(cat digest.txt)"
"""


def built_by_kaniko(line: str) -> str:
    return BY_KANIKO.replace("LINE", line.format(file="digest.txt", end="txt"))


@pytest.mark.parametrize("line", CHANGES)
def test_a_file_that_is_changed_on_the_way_proves_nothing(line: str) -> None:
    assert verdict("provenance-verified", said_and(line)) != "pass"
    assert verdict("provenance-verified", handed_over(line)) != "pass"
    assert verdict("build-signed", built_by_kaniko(line)) != "pass"


@pytest.mark.parametrize("line", CHANGES_OF_FOLDERS)
def test_a_file_goes_where_its_folder_goes(line: str) -> None:
    assert verdict("provenance-verified", lying_in_a_folder(handed_over(line))) != "pass"
    assert verdict("build-signed", lying_in_a_folder(built_by_kaniko(line))) != "pass"


def lying_in_a_folder(pipeline: str) -> str:
    return re.sub(r"(?<!echo x > )digest.txt", "out/digest.txt", pipeline)


@pytest.mark.parametrize("line", LEAVES)
def test_a_file_stays_where_its_folder_stays(line: str) -> None:
    assert verdict("provenance-verified", lying_in_a_folder(handed_over(line))) == "pass"
    assert verdict("build-signed", lying_in_a_folder(built_by_kaniko(line))) == "pass"


@pytest.mark.parametrize("name", ["build", "sign"])
def test_a_word_that_says_what_a_command_does_is_no_file(name: str) -> None:
    assert verdict("provenance-verified", GOOD.replace("build.env", name)) == "pass"
    assert (
        verdict("provenance-verified", changed((SAID, f"{SAID}    - rm {name}\n")).replace("build.env", name)) != "pass"
    )


@pytest.mark.parametrize("line", READS)
def test_a_file_that_is_only_read_is_as_it_was(line: str) -> None:
    assert verdict("provenance-verified", said_and(line)) == "pass"
    assert verdict("provenance-verified", handed_over(line)) == "pass"
    assert verdict("build-signed", built_by_kaniko(line)) == "pass"


def test_of_what_only_a_run_knows_nobody_says_that_it_is_something_else() -> None:
    unread = changed((JQ, "    - DIGEST=$(cat /shared/digest.txt)\n"))
    assert verdict("sbom-generated", unread) == "unknown"


@pytest.mark.parametrize("query", ['."containerimage.config.digest"', '.["containerimage.config.digest"]'])
def test_the_digest_of_the_configuration_is_not_that_of_the_image(query: str) -> None:
    other = changed((JQ, f"    - DIGEST=$(jq -r '{query}' metadata.json)\n"))
    for check in ("build-signed", "sbom-generated", "vulnerabilities-gated"):
        assert verdict(check, other) == "fail"


def test_jib_is_told_where_it_writes_the_digest() -> None:
    pipeline = """\
build:
  id_tokens: {SIGSTORE_ID_TOKEN: {aud: sigstore}}
  script:
    - mvn jib:build -Djib.to.image="$CI_REGISTRY_IMAGE:1" -Djib.outputPaths.digest=%s
    - cosign sign --yes "$CI_REGISTRY_IMAGE@$(cat jib.digest)"
    - kubectl set image deployment/shop "shop=$CI_REGISTRY_IMAGE@$(cat jib.digest)"
"""
    pom = "<project><modelVersion>4.0.0</modelVersion></project>"
    for file, expected in {"jib.digest": "pass", "other.digest": "unknown"}.items():
        assert judge("build-signed", on_gitlab(pipeline % file) | {"pom.xml": pom}).verdict == expected


# --- tokens and keys


@pytest.mark.parametrize("line", ["unset SIGSTORE_ID_TOKEN", "export SIGSTORE_ID_TOKEN=", "SIGSTORE_ID_TOKEN=''"])
def test_a_token_that_is_taken_away_signs_nothing(line: str) -> None:
    assert verdict("build-signed", changed((SIGN, f"    - {line}\n{SIGN}"))) == "fail"
    assert verdict("build-signed", changed((SIGN, f"{SIGN}    - {line}\n"))) == "pass"
    by_key = SIGN.replace("--yes", "--yes --key env://COSIGN_KEY")
    assert verdict("build-signed", changed((SIGN, f"    - {line}\n{by_key}"))) == "pass"


def test_notation_signs_with_the_key_of_its_settings() -> None:
    signed = changed((SIGN, '    - notation sign "$IMAGE@$DIGEST"\n'))
    assert verdict("build-signed", signed.replace("SIGSTORE_ID_TOKEN:\n      aud: sigstore", "X: {aud: y}")) == "pass"


def test_of_notation_a_trust_policy_says_whose_signature_it_takes() -> None:
    verifies = [line for line in changed().splitlines(keepends=True) if "cosign verify" in line]
    for command, expected in ("verify", "unknown"), ("ls", "fail"):
        line = f'    - notation {command} "$IMAGE@$DIGEST"\n'
        assert verdict("provenance-verified", changed((verifies[0], line))) == expected


# --- jobs by hand


@pytest.mark.parametrize(
    "start",
    [
        "when: manual",
        "rules: [{if: $CI_COMMIT_TAG, when: manual, allow_failure: true}]",
        "when: manual\n  rules: [{if: $CI_COMMIT_TAG}]",
    ],
)
def test_a_signature_by_hand_that_nobody_waits_for_is_none(start: str) -> None:
    assert verdict("build-signed", by_hand(start)) == "fail"


@pytest.mark.parametrize(
    "start",
    [
        "rules: [{if: $CI_COMMIT_TAG, when: manual}]",
        "when: manual\n  rules: [{if: $CI_COMMIT_TAG, allow_failure: false}]",
        "when: manual\n  allow_failure: false\n  rules: [{if: $CI_COMMIT_TAG}]",
    ],
)
def test_a_signature_by_hand_that_is_waited_for_counts(start: str) -> None:
    assert verdict("build-signed", by_hand(start)) == "pass"


def by_hand(start: str) -> str:
    signer = (
        f"sign:\n  stage: build\n  needs: [build]\n  {start}\n  id_tokens: {{SIGSTORE_ID_TOKEN: {{aud: sigstore}}}}\n"
        f"  script:\n{SIGN}\n"
    )
    return changed((SIGN, ""), ("release:\n  stage: release\n", f"{signer}release:\n  stage: release\n"))


@pytest.mark.parametrize("start", ["when: manual", "stage: deploy", "rules: [{when: manual}]"])
def test_a_release_by_hand_in_one_job_describes_what_it_ships(start: str) -> None:
    assert verdict("sbom-generated", ALONE.format(start=start)) == "pass"


def test_what_ships_before_its_sbom_is_attested_does_not_wait_for_it() -> None:
    lines = ALONE.format(start="when: manual").splitlines(keepends=True)
    assert verdict("sbom-generated", "".join([*lines[:5], lines[-1], *lines[5:-1]])) == "fail"


# --- releases that are made by the API


def test_a_release_by_the_api_is_one() -> None:
    post = '\'curl --fail -X POST -H "JOB-TOKEN: $CI_JOB_TOKEN" -d tag_name=1 "$CI_API_V4_URL/projects/1/releases"\''
    assert verdict("build-signed", changed((SHIP, f"    - {post}\n"))) == "pass"
    early = f"\nearly:\n  stage: build\n  needs: []\n{TAG}  script:\n    - {post}\n"
    assert verdict("tests-gate-release", GOOD + early) == "fail"
    read = post.replace("-X POST", "-X GET")
    assert verdict("build-signed", changed((SHIP, f"    - {read}\n"))) == "unknown"


def test_a_script_that_is_not_followed_leaves_nothing_that_is_known() -> None:
    unseen = (
        "  stage: build\n  image: docker:27\n",
        "  stage: build\n  image: docker:27\n  variables: {BASH_ENV: ./begin.sh}\n",
    )
    assert verdict("build-signed", changed(unseen)) == "unknown"


@pytest.mark.parametrize(("option", "expected"), [("--attestations ", "pass"), ("", "fail")])
def test_attestations_among_artifacts_are_not_uploaded_with_the_packages(option: str, expected: str) -> None:
    pipeline = f"""
    build: {{stage: build, image: python, script: [uv build], artifacts: {{paths: [dist/]}}}}
    publish:
      stage: deploy
      image: python
      rules: [{{if: $CI_COMMIT_TAG}}]
      id_tokens: {{SIGSTORE_ID_TOKEN: {{aud: sigstore}}}}
      script: [pypi-attestations sign dist/*, twine upload {option}dist/*]
      artifacts: {{paths: [dist/]}}
    """
    assert judge("build-signed", on_gitlab(pipeline)).verdict == expected


@pytest.mark.parametrize(("line", "expected"), [("alias cosign=true", "unknown"), ("alias", "pass")])
def test_an_alias_is_run_by_the_shell_of_an_image_without_bash(line: str, expected: str) -> None:
    assert verdict("build-signed", changed((SIGN, f"    - {line}\n{SIGN}"))) == expected
