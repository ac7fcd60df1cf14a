// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// A key package of our own as a vault keeps it (docs/spec/mls-profile.md): what may be seen, and
// its private keys. Private to this folder.

#include "mls/key_package.h"

namespace cercle::mls {

struct SavedPackage {
    std::uint16_t version = saved_version;
    KeyPackage package;

    auto fields(this auto& self) { return std::tie(self.version, self.package); }

    [[nodiscard]] Result<void> check() const {
        if (version != saved_version) {
            return fail(Code::unsupported, "a stored key package of another version");
        }
        return {};
    }
};

struct SavedPackageKeys {
    Secret init_key;
    Secret leaf_key;

    auto fields(this auto& self) { return std::tie(self.init_key, self.leaf_key); }
};

}  // namespace cercle::mls
