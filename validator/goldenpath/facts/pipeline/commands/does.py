"""What the table of commands says that one does, and where that is written down."""

from __future__ import annotations

from typing import TYPE_CHECKING

from goldenpath.facts.pipeline.commands import (
    archives,
    engines,
    environments,
    files,
    finding,
    fly,
    images,
    machine,
    packing,
    powers,
    pushing,
    requests,
    sboms,
    shipping,
    signing,
    sources,
    verifying,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from goldenpath.facts.pipeline.commands import CommandEffects

DOES: dict[str, Callable[[CommandEffects], None]] = {
    "attach": signing.attest,
    "attest": signing.attest,
    "attest-files": signing.attest_files,
    "build": images.build,
    "build-files": files.build_files,
    "change-files": files.change_files,
    "change-sources": sources.change_sources,
    "check-out": sources.check_out,
    "copy-files": files.copy_files,
    "deploy-by-fly": fly.deploy,
    "describe": sboms.describe,
    "describe-and-attest": sboms.describe_and_attest,
    "describe-folder": sboms.describe_folder,
    "download": sboms.download,
    "edit-release": shipping.edit_release,
    "hand-over": finding.find,
    "index": images.index,
    "install": environments.install,
    "install-programs": packing.install_programs,
    "list-digests": files.list_digests,
    "log-in": machine.log_in,
    "look-up": images.look_up,
    "may-ship": shipping.may_ship,
    "move": images.move,
    "move-files": files.move_files,
    "nothing": machine.nothing,
    "pack": packing.pack,
    "patch": sources.patch,
    "pack-and-ship": shipping.pack_and_ship,
    "point-elsewhere": pushing.point_elsewhere,
    "pull": images.pull,
    "push": images.push,
    "push-digest": images.push_digest,
    "push-git": pushing.push_git,
    "read-behind": images.read_behind,
    "read-digest": images.read_digest,
    "release": shipping.release,
    "request": requests.by_github_client,
    "remove-files": files.remove_files,
    "run-image": images.run_image,
    "run-tool": machine.run_tool,
    "save": archives.save,
    "ship": shipping.ship,
    "sign": signing.sign,
    "sign-files": signing.sign_files,
    "start": images.start,
    "start-cluster": machine.start_cluster,
    "take-away": signing.take_away,
    "tag": images.tag,
    "transfer": files.transfer,
    "unseen": powers.unseen,
    "use-context": engines.use_context,
    "verify": verifying.verify,
    "write-files": files.write_files,
}
"""By `does` of the table; `wrap`, which names another command, is taken off before."""
