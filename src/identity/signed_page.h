// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// A directory page with its signature, as it travels (docs/spec/invitation.md). Private to this
// folder.

#include <tuple>

#include "base/bytes.h"
#include "base/secret.h"
#include "identity/root_signature.h"

namespace cercle::identity {

struct SignedPage {
    Secret page;
    RootSignature signature;

    auto fields(this auto& self) { return std::tie(self.page, self.signature); }
};

}  // namespace cercle::identity
