// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// A GroupInfo whose signature and tree were judged: what a Welcome's and a published one have in
// common. Private to this folder.

#include "mls/group_info.h"
#include "mls/ratchet_tree.h"
#include "mls/welcome.h"

namespace cercle::mls {

struct CheckedGroupInfo {
    const Suite* suite = nullptr;
    GroupInfo info;
    RatchetTree tree;
};

/// All of section 12.4.3.1 that needs no secret: tree hash, tree, signature, extensions, and that
/// we are in no group of that id. Errors: suite_unsupported, extension_repeated, tree_missing,
/// tree_hash, leaf_not_a_member, group_info_signature, group_id_taken, and those of the tree and
/// of external senders.
[[nodiscard]] Result<CheckedGroupInfo> check_group_info(const Suite& suite,
                                                        GroupInfo info,
                                                        std::optional<BytesView> beside,
                                                        const Surroundings& surroundings);

}  // namespace cercle::mls
