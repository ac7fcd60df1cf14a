// SPDX-License-Identifier: AGPL-3.0-or-later
#include "tests/tampering/proof.h"

namespace cercle::tampering {

std::vector<Kind>& kinds() {
    static std::vector<Kind> all;
    return all;
}

}  // namespace cercle::tampering
