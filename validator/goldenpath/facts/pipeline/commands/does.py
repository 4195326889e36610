"""What the table of commands says that one does, and where that is written down."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from goldenpath.facts.pipeline.commands import CommandEffects

DOES = {
    "ask-findings": "reports.ask",
    "ask-for-checks": "reports.ask_for_checks",
    "attach": "signing.attest",
    "attest": "signing.attest",
    "attest-files": "signing.attest_files",
    "build": "images.build",
    "build-files": "files.build_files",
    "change-files": "files.change_files",
    "change-sources": "sources.change_sources",
    "check-out": "sources.check_out",
    "compress": "packing.compress",
    "convert": "sboms.convert",
    "decompress": "packing.decompress",
    "copy-files": "files.copy_files",
    "deploy-by-fly": "fly.deploy",
    "describe": "sboms.describe",
    "describe-and-attest": "sboms.describe_and_attest",
    "describe-folder": "sboms.describe_folder",
    "download": "sboms.download",
    "edit": "editing.edit",
    "edit-release": "shipping.edit_release",
    "hand-over": "finding.find",
    "index": "images.index",
    "install": "environments.install",
    "install-programs": "packing.install_programs",
    "list-digests": "files.list_digests",
    "log-in": "machine.log_in",
    "look-up": "images.look_up",
    "may-ship": "shipping.may_ship",
    "move": "images.move",
    "move-files": "files.move_files",
    "nothing": "machine.nothing",
    "pack": "packing.pack",
    "patch": "sources.patch",
    "pack-and-ship": "shipping.pack_and_ship",
    "point-elsewhere": "pushing.point_elsewhere",
    "pull": "images.pull",
    "push": "images.push",
    "push-digest": "images.push_digest",
    "push-git": "pushing.push_git",
    "read-behind": "images.read_behind",
    "read-digest": "images.read_digest",
    "release": "shipping.release",
    "request": "requests.by_github_client",
    "remove-files": "files.remove_files",
    "run-image": "images.run_image",
    "run-inside": "images.run_inside",
    "run-tool": "machine.run_tool",
    "save": "archives.save",
    "exchange": "exchanging.exchange",
    "export": "archives.export",
    "fetch": "files.fetch",
    "ship": "shipping.ship",
    "sign": "signing.sign",
    "sign-files": "signing.sign_files",
    "start": "images.start",
    "start-cluster": "machine.start_cluster",
    "take-away": "signing.take_away",
    "take-from-release": "removing.delete_asset",
    "tag": "images.tag",
    "transfer": "files.transfer",
    "unseen": "powers.unseen",
    "use-context": "engines.use_context",
    "verify": "verifying.verify",
    "wait-for": "images.wait_for",
    "wait-for-job": "shipping.wait_for_job",
    "write-files": "files.write_files",
    "index-charts": "pushing.index_charts",
}
"""By `does` of the table, the module of this package and its function, loaded when a script first needs it.

`wrap`, which names another command, is taken off before.
"""


@cache
def doing(does: str) -> Callable[[CommandEffects], None]:
    """The function that writes down what a command does."""
    module, function = DOES[does].split(".")
    found: Callable[[CommandEffects], None] = getattr(import_module(f"{__package__}.{module}"), function)
    return found
