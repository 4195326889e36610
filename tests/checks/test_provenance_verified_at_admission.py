"""Which policies of a cluster verify whose build they admit, and of which images."""

from __future__ import annotations

from textwrap import dedent, indent
from typing import TYPE_CHECKING

import pytest

from releasing import PUSH, SHIP, TAG, job, released_by, repository_of, workflow
from trees import judge

if TYPE_CHECKING:
    from goldenpath.checks import Outcome

DEPLOY = "- run: kubectl -n shop apply -f deploy/"
WORKFLOW = "https://github.com/acme/shop/.github/workflows/release.yml@refs/tags/v*"
ISSUER = "https://token.actions.githubusercontent.com"
KEYLESS = f"{{keyless: {{subject: '{WORKFLOW}', issuer: '{ISSUER}'}}}}"
KEY = "{keys: {publicKeys: 'k8s://security/cosign'}}"
OVERRIDES = "validationFailureActionOverrides"
PROVENANCE = "https://slsa.dev/provenance/v1"


def kyverno(
    entry: str = "",
    *,
    attestors: str = f"[{{entries: [{KEYLESS}]}}]",
    images: str = "['ghcr.io/acme/*']",
    match: str = "{any: [{resources: {kinds: [Pod]}}]}",
    spec: str = "validationFailureAction: Enforce",
    rule: str = "",
    kind: str = "ClusterPolicy",
) -> str:
    """A policy of Kyverno; `entry`, `rule` and `spec` are further lines of that part."""
    verify = f"imageReferences: {images}\n" + (f"attestors: {attestors}\n" if attestors else "") + dedent(entry)
    body = f"name: signed\nmatch: {match}\n{rule}\nverifyImages:\n  -\n{indent(verify, '    ')}"
    head = f"apiVersion: kyverno.io/v1\nkind: {kind}\nmetadata: {{name: signed, namespace: shop}}\nspec:\n"
    return f"{head}{indent(dedent(spec), '  ')}\n  rules:\n    -\n{indent(body, '      ')}"


def sigstore(
    authority: str = f"keyless: {{identities: [{{issuer: '{ISSUER}', subjectRegExp: '^https://github\\.com/acme/shop/'}}]}}",
    glob: str = "ghcr.io/acme/**",
    spec: str = "",
) -> str:
    """A policy of the policy-controller with one authority."""
    return (
        "apiVersion: policy.sigstore.dev/v1beta1\nkind: ClusterImagePolicy\nmetadata: {name: signed}\n"
        f"spec:\n  images: [{{glob: '{glob}'}}]\n  {spec}\n  authorities:\n    -\n{indent(dedent(authority), '      ')}"
    )


NAMESPACE = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {policy.sigstore.dev/include: 'true'}}\n"

SIGNED = "images.containers.map(image, verifyImageSignatures(image, [attestors.ci])).all(e, e > 0)"
ATTESTED = "images.containers.map(i, verifyAttestationSignatures(i, attestations.built, [attestors.ci])).all(e, e > 0)"


def validating(
    spec: str = "",
    *,
    expression: str = SIGNED,
    identity: str = f"{{subject: '{WORKFLOW[:-1]}1', issuer: '{ISSUER}'}}",
    resources: str = "[pods]",
    predicate: str = PROVENANCE,
    references: str = "[{glob: 'ghcr.io/acme/*'}]",
) -> str:
    """An ImageValidatingPolicy of Kyverno."""
    return dedent(
        f"""
        apiVersion: policies.kyverno.io/v1
        kind: ImageValidatingPolicy
        metadata: {{name: signed}}
        spec:
          {spec}
          matchConstraints:
            resourceRules:
              - {{apiGroups: [''], apiVersions: [v1], operations: [CREATE, UPDATE], resources: {resources}}}
          matchImageReferences: {references}
          attestors: [{{name: ci, cosign: {{keyless: {{identities: [{identity}]}}}}}}]
          attestations: [{{name: built, intoto: {{type: '{predicate}'}}}}]
          validations:
            - expression: >-
                {expression}
        """
    )


def outcome(
    *policies: str, steps: tuple[str, ...] = (PUSH, DEPLOY), more: dict[str, str | None] | None = None
) -> Outcome:
    files = {f"deploy/policies/{number}.yaml": text for number, text in enumerate(policies)}
    return judge("provenance-verified", {**released_by(*steps), **files, **(more or {})})


def verdict(*policies: str, steps: tuple[str, ...] = (PUSH, DEPLOY), more: dict[str, str | None] | None = None) -> str:
    return outcome(*policies, steps=steps, more=more).verdict


# --- Kyverno


@pytest.mark.parametrize(
    "policy",
    [
        kyverno(),
        kyverno(attestors=f"[{{count: 1, entries: [{KEY}]}}]"),
        kyverno(attestors=f"[{{entries: [{KEYLESS}, {{keyless: {{}}}}]}}]"),
        kyverno(attestors=f"[{{entries: [{{attestor: {{entries: [{KEYLESS}]}}}}]}}]"),
        kyverno("failureAction: Enforce", spec="background: false"),
        kyverno(f"attestations: [{{type: '{PROVENANCE}', attestors: [{{entries: [{KEYLESS}]}}]}}]", attestors=""),
        kyverno(images="['ghcr.io/other/*', 'ghcr.io/acme/shop*']"),
        kyverno(images="['ghcr.io/acme/shop:*', 'ghcr.io/acme/shop@sha256:*']"),
        kyverno(match="{any: [{resources: {kinds: [v1/Pod], namespaces: ['sho?']}}]}"),
        kyverno(match="{resources: {kinds: [Deployment, Pod]}}"),
        kyverno(rule="exclude: {any: [{resources: {namespaces: [kube-system, sandbox-*]}}]}"),
        kyverno("mutateDigest: false"),
        kyverno(spec=f"validationFailureAction: enforce\n{OVERRIDES}: [{{action: audit, namespaces: [lab]}}]"),
        kyverno(spec=f"validationFailureAction: Audit\n{OVERRIDES}: [{{action: enforce, namespaces: [shop]}}]"),
        kyverno(kind="Policy"),
    ],
)
def test_kyverno_proves_what_it_enforces(policy: str) -> None:
    assert verdict(policy) == "pass"


def test_the_lines_that_make_it_a_demand_are_the_evidence() -> None:
    found = outcome(kyverno())
    lines = {(each.path, each.line): each.text for each in found.evidence if each.role == "verified"}
    assert list(lines.values()) == ["it must be signed by this identity", "what does not pass is refused"]
    assert {path for path, _ in lines} == {"deploy/policies/0.yaml"}


@pytest.mark.parametrize(
    ("policy", "why"),
    [
        (kyverno(spec="validationFailureAction: Audit"), "only audits (`Audit`)"),
        (kyverno(spec="background: true"), "only audits"),
        (kyverno("failureAction: Audit"), "only audits"),
        (kyverno(spec="validationFailureAction: Enforce\nadmission: false"), "only looks in the background"),
        (kyverno(spec="validationFailureAction: Enforce\nfailurePolicy: Ignore"), "while its webhook does not answer"),
        (kyverno("required: false"), "does not require it"),
        (kyverno("mutateDigest: false\nverifyDigest: false"), "takes a tag"),
        (kyverno(attestors=""), "names no key or identity"),
        (kyverno(attestors="[{entries: [{keyless: {rekor: {url: 'https://rekor.sigstore.dev'}}}]}]"), "no identity"),
        (
            kyverno(attestors=f"[{{entries: [{{keyless: {{issuer: '{ISSUER}', subject: '*'}}}}]}}]"),
            "subject leaves open",
        ),
        (
            kyverno(attestors=f"[{{entries: [{{keyless: {{issuer: '{ISSUER}', subject: 'https://github.com/*'}}}}]}}]"),
            "subject leaves open",
        ),
        (
            kyverno(attestors=f"[{{entries: [{{keyless: {{issuer: '{ISSUER}', subjectRegExp: '.*acme.*'}}}}]}}]"),
            "subjectRegExp leaves open",
        ),
        (kyverno(attestors=f"[{{entries: [{{keyless: {{subject: '{WORKFLOW}'}}}}]}}]"), "names no issuer"),
        (
            kyverno(attestors=f"[{{entries: [{{keyless: {{subject: '{WORKFLOW}', issuer: '*'}}}}]}}]"),
            "issuer leaves open",
        ),
        (kyverno(attestors=f"[{{count: 1, entries: [{KEYLESS}, {{keyless: {{}}}}]}}]"), "names no identity"),
        (
            kyverno(
                f"attestations: [{{type: 'https://spdx.dev/Document', attestors: [{{entries: [{KEYLESS}]}}]}}]",
                attestors="",
            ),
            "not say where the image comes from",
        ),
        (kyverno(f"attestations: [{{type: '{PROVENANCE}'}}]", attestors=""), "names no key or identity"),
        (kyverno(match="{any: [{resources: {kinds: [TaskRun]}}]}"), "is not about pods"),
    ],
)
def test_kyverno_proves_nothing_when(policy: str, why: str) -> None:
    found = outcome(policy)
    assert found.verdict == "fail"
    assert why in found.summary
    assert found.evidence[0].path == "deploy/policies/0.yaml"
    assert found.evidence[0].line > 1


@pytest.mark.parametrize(
    "policy",
    [
        kyverno(match="{any: [{resources: {kinds: [Pod], selector: {matchLabels: {signed: 'yes'}}}}]}"),
        kyverno(match="{any: [{resources: {kinds: [Pod], namespaceSelector: {matchLabels: {team: shop}}}}]}"),
        kyverno(rule="exclude: {any: [{subjects: [{kind: User, name: root}]}]}"),
        kyverno(rule="preconditions: {all: [{key: a, operator: Equals, value: a}]}"),
        kyverno("skipImageReferences: ['ghcr.io/acme/shop:dev*']"),
        kyverno(images="['ghcr.io/acme/shop:*']"),
        kyverno(images="['{{ registry }}/acme/*']"),
        kyverno(attestors="[{entries: [{keyless: {issuer: '{{ issuer }}', subject: a@acme.com}}]}]"),
        kyverno(attestors="[{entries: [{certificates: {certChain: pem}}]}]"),
    ],
)
def test_what_only_a_cluster_tells_is_unknown(policy: str) -> None:
    assert verdict(policy) == "unknown"


@pytest.mark.parametrize(
    "policy",
    [
        kyverno(images="['ghcr.io/globex/*']"),
        kyverno(images="['ghcr.io/acme/shop-tools*']"),
        kyverno("skipImageReferences: ['ghcr.io/acme/*']"),
        kyverno(match="{any: [{resources: {kinds: [Pod], namespaces: [other]}}]}"),
        kyverno(rule="exclude: {any: [{resources: {namespaces: [shop]}}]}"),
    ],
)
def test_a_policy_about_something_else_is_none(policy: str) -> None:
    found = outcome(policy)
    assert (found.verdict, found.evidence[0].path) == ("fail", ".github/workflows/release.yml")


def test_a_namespace_that_is_not_named_may_be_one_that_is_left_out() -> None:
    nowhere = (PUSH, "- run: kubectl apply -f deploy/")
    system, own = (
        kyverno(rule=f"exclude: {{any: [{{resources: {{namespaces: [{name}]}}}}]}}") for name in ("kube-system", "lab")
    )
    assert verdict(system, steps=nowhere) == "pass"
    assert verdict(own, steps=nowhere) == "unknown"


def test_a_rule_that_may_not_be_reached_is_unknown() -> None:
    one = "validationFailureAction: Enforce\napplyRules: One"
    assert verdict(kyverno(spec=one)) == "pass"
    second = "    - {name: other, match: {any: [{resources: {kinds: [Pod]}}]}, validate: {deny: {}}}\n"
    assert verdict(kyverno(spec=one) + second) == "unknown"


def test_every_list_of_namespaces_counts() -> None:
    enforced_in_lab = f"validationFailureAction: Audit\n{OVERRIDES}: [{{action: Enforce, namespaces: [lab]}}]"
    policy = kyverno(match="{any: [{resources: {kinds: [Pod], namespaces: [shop, lab]}}]}", spec=enforced_in_lab)
    assert verdict(policy) == "fail"
    assert verdict(policy, steps=(PUSH, "- run: kubectl -n lab apply -f deploy/")) == "pass"


def test_exceptions_patches_and_laxer_twins_leave_it_open() -> None:
    head = "metadata: {name: signed}\napiVersion: kyverno.io/v1\n"
    exception = f"{head}kind: PolicyException\nspec: {{exceptions: [{{policyName: signed, ruleNames: [signed]}}]}}\n"
    patch = f"{head}kind: ClusterPolicy\nspec: {{validationFailureAction: Audit}}\n"
    overlay = "kind: Kustomization\npatches:\n  - {patch: '', target: {\n      kind: ClusterPolicy, name: signed}}\n"
    for other in exception, patch, overlay, kyverno(spec="validationFailureAction: Audit"):
        found = outcome(kyverno(), other)
        assert found.verdict == "unknown"
        assert "deploy/policies/1.yaml" in (found.reason or "")
    assert verdict(kyverno(), exception.replace("policyName: signed", "policyName: other")) == "pass"


# --- what a policy comes too late for


def test_a_policy_guards_the_cluster_and_nothing_before_it() -> None:
    found = outcome(kyverno(), steps=(PUSH, SHIP))
    assert found.verdict == "fail"
    assert [each.text for each in found.evidence if each.role == "declared"] == [
        "a policy of the cluster, which comes later"
    ]
    assert verdict(kyverno(), steps=(PUSH, DEPLOY, SHIP)) == "fail"
    assert verdict(kyverno(), steps=(PUSH, DEPLOY, "- run: helm push chart.tgz oci://ghcr.io/acme")) == "fail"
    assert verdict(kyverno(), steps=(PUSH, DEPLOY, "- run: ./hack/publish.sh")) == "unknown"
    assert verdict(kyverno(), steps=(PUSH,)) == "pass"


def test_what_is_released_is_verified_before_and_what_is_deployed_at_admission() -> None:
    whose = "--certificate-identity x@acme.com --certificate-oidc-issuer https://accounts.google.com"
    verify = f"- run: cosign verify {whose} ghcr.io/acme/shop@${{{{ steps.push.outputs.digest }}}}"
    assert verdict(kyverno(), steps=(PUSH, DEPLOY, verify, SHIP)) == "pass"
    assert verdict(kyverno(spec="background: true"), steps=(PUSH, DEPLOY, verify, SHIP)) == "fail"


def test_a_script_that_might_verify_leaves_a_lax_policy_open() -> None:
    assert verdict(kyverno(spec="background: true"), steps=(PUSH, "- run: make verify", DEPLOY)) == "unknown"


def test_files_are_never_admitted_by_a_cluster() -> None:
    assert verdict(kyverno(), steps=("- run: uv build", "- run: gh release create v1 dist/*")) == "fail"


def test_the_repository_in_a_name_is_the_one_of_the_catalog() -> None:
    push = PUSH.replace("ghcr.io/acme/shop:1.2", "ghcr.io/${{ github.repository }}:1.2")
    assert verdict(kyverno(), steps=(push, DEPLOY)) == "unknown"
    assert verdict(kyverno(), steps=(push, DEPLOY), more={"catalog-info.yaml": ENTITY}) == "pass"
    assert verdict(kyverno(images="['ghcr.io/*']"), steps=(push, DEPLOY)) == "pass"


ENTITY = (
    "apiVersion: backstage.io/v1alpha1\nkind: Component\n"
    "metadata: {name: shop, annotations: {github.com/project-slug: acme/shop}}\n"
    "spec: {type: service, lifecycle: production, owner: team}\n"
)


def signed_by(*subjects: str) -> tuple[str, str, str]:
    """Policies of each kind that take the signature of any of these."""
    issuers = {"https://github": ISSUER, "https://gitlab": "https://gitlab.com"}
    named = [(each, issuers.get(each.partition(".")[0], "https://accounts.google.com")) for each in subjects]
    entries = ", ".join(f"{{keyless: {{subject: '{subject}', issuer: '{issuer}'}}}}" for subject, issuer in named)
    regexes = ", ".join(
        f"{{subjectRegExp: '^{subject.replace('*', '.*')}', issuer: '{issuer}'}}" for subject, issuer in named
    )
    return (
        kyverno(attestors=f"[{{count: 1, entries: [{entries}]}}]"),
        validating(identity=regexes),
        sigstore(f"keyless: {{identities: [{regexes}]}}") + f"\n---\n{NAMESPACE}",
    )


@pytest.mark.parametrize(
    ("subjects", "expected"),
    [
        (["https://github.com/acme/shop/.github/workflows/*"], "pass"),
        (["https://github.com/acme/*"], "pass"),
        (["https://github.com/Acme/Shop/.github/workflows/release.yml@refs/heads/main"], "pass"),
        (["https://github.com/acme/shop-infra/.github/workflows/release.yml@refs/heads/main"], "fail"),
        (["https://github.com/globex/*"], "fail"),
        (["https://github.com/globex/*", "https://github.com/acme/shop/*"], "pass"),
        (["https://github.com/globex/*", "https://github.com/acme/stock/*"], "fail"),
        (
            ["https://gitlab.com/acme/shop//.gitlab-ci.yml@refs/heads/main"],
            "pass",
        ),  # nothing says what it is called there
        (["release@acme.com"], "pass"),
    ],
)
def test_a_policy_that_takes_the_builds_of_other_repositories_alone_refuses_this_one(
    subjects: list[str], expected: str
) -> None:
    for policy in signed_by(*subjects):
        found = outcome(policy, more={"catalog-info.yaml": ENTITY})
        assert found.verdict == expected, policy
        assert expected == "pass" or "this repository is acme/shop" in found.summary


def test_whose_build_a_policy_takes_is_open_where_nothing_says_whose_this_is() -> None:
    for policy in signed_by("https://github.com/globex/shop/.github/workflows/release.yml@refs/heads/main"):
        assert verdict(policy) == "unknown"


def test_a_workflow_of_another_repository_that_a_job_uses_may_sign_for_a_policy() -> None:
    policy, *_ = signed_by("https://github.com/globex/ci/.github/workflows/image.yml@*")
    used = "permissions: {}\nuses: globex/ci/.github/workflows/test.yml@1e69f48acb82d1966a394da916b4c1698aa569d6\n"
    files = repository_of(workflow(TAG, test=used, build=job(PUSH, DEPLOY)))
    more = {"deploy/kyverno.yaml": policy, "catalog-info.yaml": ENTITY}
    assert judge("provenance-verified", {**files, **more}).verdict == "pass"


def test_helm_deploys_to_a_namespace_too() -> None:
    policy = kyverno(match="{any: [{resources: {kinds: [Pod], namespaces: [shop]}}]}")
    assert verdict(policy, steps=(PUSH, "- run: helm upgrade --install shop chart/ --namespace shop")) == "pass"
    assert verdict(policy, steps=(PUSH, "- run: helm upgrade --install shop chart/ --namespace=lab")) == "fail"
    assert verdict(policy, steps=(PUSH, "- run: helm upgrade --install shop chart/ -n $NAMESPACE")) == "unknown"


def test_other_ways_to_deploy_to_a_cluster() -> None:
    narrow = kyverno(match="{any: [{resources: {kinds: [Pod], namespaces: [shop]}}]}")
    digest = "${{ steps.push.outputs.digest }}"
    action = f"- uses: azure/k8s-deploy@v5\n  with: {{namespace: shop, images: 'ghcr.io/acme/shop@{digest}'}}"
    assert verdict(narrow, steps=(PUSH, action)) == "pass"
    assert verdict(narrow, steps=(PUSH, action.replace("namespace: shop", "namespace: lab"))) == "fail"
    for command in "argocd app sync shop", "flux reconcile kustomization shop -n shop":
        assert verdict(kyverno(), steps=(PUSH, f"- run: {command}")) == "pass"
        assert verdict(narrow, steps=(PUSH, f"- run: {command}")) == "unknown"


def test_every_run_that_ships_is_asked() -> None:
    runs = workflow(TAG, build=job(PUSH, DEPLOY)), workflow("{push: {branches: [main]}}", build=job(PUSH, SHIP))
    files = repository_of(runs[0], **{".github/workflows/main.yml": runs[1], "deploy/kyverno.yaml": kyverno()})
    assert judge("provenance-verified", files).verdict == "fail"


# --- policy-controller


def test_the_policy_controller_proves_what_it_enforces_where_the_namespace_opts_in() -> None:
    assert verdict(sigstore(), NAMESPACE) == "pass"
    assert verdict(sigstore()) == "unknown"
    assert verdict(sigstore(), NAMESPACE.replace("'true'", "'false'")) == "unknown"
    assert verdict(sigstore(), NAMESPACE.replace("name: shop", "name: other")) == "unknown"


@pytest.mark.parametrize(
    "policy",
    [
        sigstore("key: {kms: 'awskms:///alias/release'}"),
        sigstore(glob="ghcr.io/acme/shop*"),
        sigstore(glob="**"),
        sigstore(spec="mode: enforce"),
        sigstore(
            f"keyless: {{identities: [{{issuer: '{ISSUER}', subject: '{WORKFLOW[:-1]}1'}}]}}\n"
            f"attestations: [{{name: a, predicateType: '{PROVENANCE}'}}]"
        ),
    ],
)
def test_the_policy_controller_proves_it_with(policy: str) -> None:
    assert verdict(policy, NAMESPACE) == "pass"


@pytest.mark.parametrize(
    ("policy", "why"),
    [
        (sigstore(spec="mode: warn"), "only warns"),
        (sigstore("static: {action: pass}"), "lets everything pass"),
        (
            sigstore(f"keyless: {{identities: [{{issuer: '{ISSUER}', subjectRegExp: '.*'}}]}}"),
            "subjectRegExp leaves open",
        ),
        (sigstore("keyless: {identities: [{issuerRegExp: '.*', subject: a@acme.com}]}"), "issuerRegExp leaves open"),
        (sigstore("keyless: {url: 'https://fulcio.sigstore.dev'}"), "names no key or identity"),
        (
            sigstore(
                "keyless: {identities: ["
                f"{{issuer: '{ISSUER}', subject: a@acme.com}}, {{issuer: '{ISSUER}', subjectRegExp: '.+'}}]}}"
            ),
            "subjectRegExp leaves open",
        ),
        (
            sigstore("key: {data: pem}\nattestations: [{name: a, predicateType: 'https://cyclonedx.org/bom'}]"),
            "not say where the image comes from",
        ),
        (sigstore(spec="match: [{resource: cronjobs, group: batch, version: v1}]"), "is not about pods"),
    ],
)
def test_the_policy_controller_proves_nothing_when(policy: str, why: str) -> None:
    for namespaces in (NAMESPACE,), ():
        found = outcome(policy, *namespaces)
        assert found.verdict == "fail"
        assert why in found.summary


@pytest.mark.parametrize("glob", ["ghcr.io/*", "*", "ghcr.io/acme/shop", "index.docker.io/**"])
def test_a_star_of_the_policy_controller_stays_between_slashes(glob: str) -> None:
    assert verdict(sigstore(glob=glob), NAMESPACE) == "fail"


# --- ImageValidatingPolicy


@pytest.mark.parametrize(
    "policy",
    [
        validating(),
        validating("validationActions: [Deny]"),
        validating(expression=ATTESTED),
        validating(expression=SIGNED.replace("images.containers", "(images.containers + images.initContainers)")),
        validating(resources="['*']"),
    ],
)
def test_an_image_validating_policy_proves_what_it_denies(policy: str) -> None:
    assert verdict(policy) == "pass"


@pytest.mark.parametrize(
    ("policy", "why"),
    [
        (validating("validationActions: [Audit]"), "only audits"),
        (validating("failurePolicy: Ignore"), "while its webhook does not answer"),
        (validating("evaluation: {admission: {enabled: false}}"), "only looks in the background"),
        (validating("validationConfigurations: {required: false}"), "does not require it"),
        (validating(resources="[deployments]"), "is not about pods"),
        (validating(identity=f"{{subjectRegExp: '.*', issuer: '{ISSUER}'}}"), "leaves open"),
        (validating(expression=SIGNED.replace("ci", "nobody")), "names no attestor"),
        (
            validating(expression=ATTESTED, predicate="https://cyclonedx.org/bom"),
            "not say where the image comes from",
        ),
    ],
)
def test_an_image_validating_policy_proves_nothing_when(policy: str, why: str) -> None:
    found = outcome(policy)
    assert found.verdict == "fail"
    assert why in found.summary


@pytest.mark.parametrize(
    "policy",
    [
        validating(expression="images.containers.exists(i, verifyImageSignatures(i, [attestors.ci]) > 0)"),
        validating("matchConditions: [{name: some, expression: 'object.metadata.namespace == \"shop\"'}]"),
        validating(references="[{expression: 'image.startsWith(\"ghcr.io\")'}]"),
    ],
)
def test_what_an_expression_demands_is_not_followed(policy: str) -> None:
    assert verdict(policy) == "unknown"


# --- where policies stand, and what is not followed


@pytest.mark.parametrize("folder", ["docs", "examples/kyverno", "tests/fixtures", "website/content"])
def test_a_policy_that_is_only_shown_counts_for_nothing(folder: str) -> None:
    found = judge("provenance-verified", {**released_by(PUSH, DEPLOY), f"{folder}/policy.yaml": kyverno()})
    assert (found.verdict, found.evidence[0].path) == ("fail", ".github/workflows/release.yml")


def test_a_comment_is_no_policy() -> None:
    commented = "".join(f"# {line}\n" for line in kyverno().splitlines()) + "kind: ConfigMap\n"
    assert verdict(commented) == "fail"


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("apiVersion: config.ratify.deislabs.io/v1beta1\nkind: Verifier\nmetadata: {name: notation}\n", "Ratify"),
        ("apiVersion: constraints.gatekeeper.sh/v1beta1\nkind: K8sImageSigned\nmetadata: {name: a}\n", "Gatekeeper"),
        ("apiVersion: config.openshift.io/v1\nkind: ClusterImagePolicy\nmetadata: {name: a}\n", "OpenShift"),
        ("application:\n  validators: [{name: default, type: cosign}]\n", "Connaisseur"),
        (
            "apiVersion: policies.kubewarden.io/v1\nkind: ClusterAdmissionPolicy\n"
            "spec: {module: 'ghcr.io/kubewarden/policies/verify-image-signatures:v1'}\n",
            "Kubewarden",
        ),
    ],
)
def test_engines_that_are_not_followed_are_named(text: str, who: str) -> None:
    found = outcome(text)
    assert found.verdict == "unknown"
    assert who in (found.reason or "")


def test_constraints_about_something_else_change_nothing() -> None:
    text = "apiVersion: constraints.gatekeeper.sh/v1beta1\nkind: K8sRequiredLabels\nmetadata: {name: a}\n"
    assert verdict(text) == "fail"


def test_a_policy_that_helm_fills_in_is_unknown() -> None:
    chart: dict[str, str | None] = {
        "chart/Chart.yaml": "name: policies\n",
        "chart/templates/policy.yaml": kyverno(spec="validationFailureAction: {{ .Values.action }}"),
    }
    found = outcome(more=chart)
    assert (found.verdict, found.evidence[0].path) == ("unknown", "chart/templates/policy.yaml")


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        (
            "infra/policies.tf",
            'rules = [{ name = "signed", verifyImages = [{ imageReferences = var.images }] }]\n',
            "unknown",
        ),
        ("infra/policies.tf", "yaml_body = <<-EOT\n  kind: ClusterImagePolicy\nEOT\n", "unknown"),
        ("infra/policies.jsonnet", "{ kind: 'ImageValidatingPolicy' }\n", "unknown"),
        ("infra/policies.tf", "# verifyImages: where a key is provisioned\n", "fail"),
        ("infra/policies.tf", 'kind = "ClusterPolicy"\n', "fail"),
        ("examples/policies.tf", 'kind = "ClusterImagePolicy"\n', "fail"),
    ],
)
def test_a_policy_that_a_program_makes_is_unknown(path: str, text: str, expected: str) -> None:
    assert verdict(more={path: text}) == expected


def test_patterns_that_are_built_to_hurt_are_not_compared() -> None:
    images = "[" + ", ".join(f"'{'*?' * 300}{number}'" for number in range(100)) + "]"
    assert verdict(kyverno(images=images)) == "unknown"


def test_a_bundle_that_is_too_large_to_be_read_is_no_policy() -> None:
    assert verdict(more={"deploy/kyverno/install.yaml": None}) == "fail"


# --- identities that an issuer does not have

NOBODY = f"{{keyless: {{subject: '{WORKFLOW}', issuer: 'https://gitlab.com'}}}}"
OF_GITLAB = "https://gitlab.com/acme/shop//.gitlab-ci.yml@refs/heads/main"


@pytest.mark.parametrize(
    "policy",
    [
        kyverno(attestors=f"[{{entries: [{NOBODY}]}}]"),
        kyverno(attestors=f"[{{entries: [{{keyless: {{subject: 'ci@acme.example', issuer: '{ISSUER}'}}}}]}}]"),
        sigstore(f"keyless: {{identities: [{{issuer: '{ISSUER}', subject: '{OF_GITLAB}'}}]}}"),
        sigstore(
            "keyless: {identities: [{issuer: 'https://accounts.google.com', subjectRegExp: '^https://github\\.com/a/b/'}]}"
        ),
        validating(identity=f"{{subject: '{WORKFLOW[:-1]}1', issuer: 'https://gitlab.com'}}"),
    ],
)
def test_an_issuer_that_has_no_such_identity_vouches_for_nobody(policy: str) -> None:
    found = outcome(policy, NAMESPACE)
    assert found.verdict == "fail"
    assert "nobody" in f"{found.summary} {[each.text for each in found.evidence]}"


def test_who_takes_another_identity_besides_takes_that() -> None:
    assert verdict(kyverno(attestors=f"[{{count: 1, entries: [{NOBODY}, {KEYLESS}]}}]")) == "pass"
    assert verdict(kyverno(attestors=f"[{{entries: [{NOBODY}, {KEYLESS}]}}]")) == "fail"  # all must have signed
    both = f"{{{NOBODY[11:-1]}, {{{KEYLESS[11:-1]}".replace("v*", "v1")
    assert verdict(sigstore(f"keyless: {{identities: [{both}]}}"), NAMESPACE) == "pass"
