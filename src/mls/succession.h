// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// How one group follows from another (RFC 9420 sections 11.2 and 11.3): reinitialised, with the
// same members under other parameters, which closes the old group; or branched, with some of its
// members under the same parameters, which leaves the old group as it is. Either is tied to the
// old group by a resumption key. What the rules ask is in group_succession.cpp.

#include <vector>

#include "mls/key_package.h"

namespace cercle::mls {

/// struct { opaque group_id<V>; ProtocolVersion version; CipherSuite cipher_suite;
/// Extension extensions<V>; } ReInit; what the group that follows must be.
struct ReInit {
    Bytes group_id;
    ProtocolVersion version = ProtocolVersion::Mls10;
    SuiteId suite{};
    Extensions extensions;

    auto fields(this auto& self) {
        return std::tie(self.group_id, self.version, self.suite, self.extensions);
    }

    friend bool operator==(const ReInit&, const ReInit&) = default;
};

/// Who founds the group that follows, and with whom.
struct Succession {
    /// Our own, of the new group's suite, and what our leaf says.
    const crypto::SigningKey& key;
    Profile profile;
    /// The others, by fresh key packages of that suite.
    std::vector<VerifiedKeyPackage> members;
};

}  // namespace cercle::mls
