"""What tests render: every combination of the organisation's options, and extreme answers, by readable names."""

from __future__ import annotations

from itertools import cycle, product

from languages import LANGUAGES

SIGNING = ["keyless", "kms", "github-attestations"]
ONCALL = {
    "pagerduty": "PABC123",
    "grafana-oncall": "CABC1234DEFGH",
    "incident-io": "01JABCDEFGHJKMNPQRSTVWXYZ0",
}
CHAT = {
    "slack": "#payments",
    "teams": (
        "https://teams.microsoft.com/l/channel/19%3A0123456789abcdef%40thread.tacv2/Payments%20API"
        "?groupId=3606f714-ec2e-41b3-9ad1-6afb331bd35d&tenantId=0d9b645f-597b-41f0-a2a3-ef103fbd91bb"
    ),
    "google-chat": "AAAAabcdEFG",
}


def is_offered(ci: str, deploy: str, signing: str) -> bool:
    """Whether these go together, and are none of those on GitHub that deploy nothing."""
    return (ci, deploy) != ("github", "none") and (ci, signing) != ("gitlab", "github-attestations")


def products(oncall: str, chat: str) -> dict[str, object]:
    """The answers with which a service pages by one product and talks in another."""
    return {"oncall_product": oncall, "oncall": ONCALL[oncall], "chat_product": chat, "chat": CHAT[chat]}


PRODUCTS: dict[str, dict[str, object]] = {
    f"{signing} {oncall} {chat}": {"signing": signing, **products(oncall, chat)}
    for signing, oncall, chat in product(SIGNING, ONCALL, CHAT)
}
"""Every way to sign with every product that is paged and written to."""

OPTIONS: dict[str, dict[str, object]] = {
    name: PRODUCTS[name]
    for name in ("keyless pagerduty slack", "kms grafana-oncall teams", "github-attestations incident-io google-chat")
} | {
    f"{ci} {deploy} {signing}": {"ci": ci, "deploy": deploy, "signing": signing, **products(oncall, chat)}
    for (ci, deploy, signing), (oncall, chat) in zip(
        (each for each in product(["github", "gitlab"], ["none", "helm"], SIGNING) if is_offered(*each)),
        cycle(zip(ONCALL, CHAT, strict=True)),
        strict=False,
    )
}
"""Every forge and deployment with every way to sign; the first three are on GitHub and deploy nothing."""

ENTERPRISE_SERVER: dict[str, object] = {
    "source_host": "github.acme.example",
    "image_registry": "registry.acme.example:5000/shop/images",
}
EXTREMES: dict[str, dict[str, object]] = {
    "shortest names": {"name": "ab", "owner": "a", "system": "b", "description": "c", "chat": "d"},
    "longest names": {
        "name": "a123456789-b123456789-c123456789-d123456",
        "owner": f"group:{'n' * 63}/{'O' * 63}",
        "system": f"{'n' * 63}/{'S' * 63}",
        "description": "x" * 200,
        "chat": "c" * 80,
        "oncall": "P1234567890ABC",
    },
    "a person owns it": {"owner": "user:jane.smith"},
    "an owner of mixed case in a namespace": {"owner": "group:acme-corp/Team_A.b-2"},
    "a description full of signs": {"description": "It's 100 % «über»: #1, {braces}, [x] & <y> | $HOME `z` @w"},
    "experimental": {"lifecycle": "experimental"},
    "deprecated": {"lifecycle": "deprecated"},
    "loosest objectives": {"slo_availability": 95, "slo_latency_ms": 10000},
    "tightest objectives": {"slo_availability": 99.99, "slo_latency_ms": 5},
    "an objective in between": {"slo_availability": 97.35, "slo_latency_ms": 75},
    "a registry of one's own": {"image_registry": "registry.acme.example:5000/shop/images"},
    "an Enterprise Server, keyless": ENTERPRISE_SERVER | {"signing": "keyless"},
    "an Enterprise Server, kms": ENTERPRISE_SERVER | {"signing": "kms"},
    "a ghe.com, attestations": {
        "source_host": "acme.ghe.com",
        "image_registry": "containers.acme.ghe.com/shop",
        "signing": "github-attestations",
    },
    "a key elsewhere": {
        "signing": "kms",
        "kms_key": "gcpkms://projects/p/locations/l/keyRings/r/cryptoKeys/k/versions/1",
    },
    "a GitLab of one's own": {
        "ci": "gitlab",
        "signing": "kms",
        "kms_key": "hashivault://release",
        "gitlab_host": "gitlab.acme.example",
        "gitlab_group": "acme/Shop_2",
        "gitlab_registry": "registry.acme.example:5000/shop",
        "gitlab_runner": "docker, privileged",
        "owner": "user:jane.smith",
    },
    "another branch and runner": {"default_branch": "trunk", "runner": "ubuntu-24.04-arm"},
}
ALL = PRODUCTS | OPTIONS | EXTREMES
IN_EVERY_LANGUAGE = OPTIONS | {
    name: EXTREMES[name]
    for name in (
        "shortest names", "longest names", "a description full of signs", "tightest objectives",
        "an Enterprise Server, keyless", "a GitLab of one's own",
    )
}  # fmt: skip
"""What a language has a part in: products and objectives are the same partials in all of them."""

SERVICES: dict[str, dict[str, object]] = {
    f"{template}: {name}": {"template": template, **answers}
    for template in LANGUAGES
    for name, answers in (ALL if template == "python-service" else IN_EVERY_LANGUAGE).items()
}
