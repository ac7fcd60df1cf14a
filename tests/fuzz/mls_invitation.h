// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// What a member who knows how may put into a Welcome, taken apart: what mls_join_fuzz.cpp puts
// together again, and seeds_mls_joining.cpp takes from genuine ones.

#include <cstdint>
#include <tuple>

#include "base/bytes.h"

namespace cercle::fuzz {

struct Invitation {
    /// What stays as it stands here; the rest is made right, so that one is past it.
    enum Kept : std::uint8_t {
        Leaves = 1,      // signatures of leaves whose keys are known
        TreeHash = 2,    // in the group's context
        Tag = 4,         // the confirmation tag
        Signature = 8,   // of the GroupInfo
        TreeBeside = 16  // instead of inside the GroupInfo
    };

    std::uint8_t kept = 0;
    Bytes group_secrets;
    Bytes group_info;
    Bytes tree;  // empty: what the GroupInfo says

    [[nodiscard]] bool keeps(Kept what) const { return (kept & what) != 0; }

    auto fields(this auto& self) {
        return std::tie(self.kept, self.group_secrets, self.group_info, self.tree);
    }
};

}  // namespace cercle::fuzz
