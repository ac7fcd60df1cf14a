// SPDX-License-Identifier: AGPL-3.0-or-later
#include "base/code.h"

namespace cercle {

std::string_view rule_name(Code code) {
    switch (code) {
#define CERCLE_CODE(enumerator, rule) \
    case Code::enumerator:            \
        return rule;
#include "base/codes_client.inc"
#include "base/codes_general.inc"
#include "base/codes_identity.inc"
#include "base/codes_mls.inc"
#include "base/codes_relay.inc"
#undef CERCLE_CODE
    }
    return "unknown-code";
}

}  // namespace cercle
