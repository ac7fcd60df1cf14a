// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Code: the closed list of everything that can be refused or go wrong.
//
// Each refusal has its own code, so that a test can assert *which* rule spoke, an operator
// can count it, and a script can read it as the `rule` of an error object (7-contract).
// The lists stand in codes_*.inc, one per part of the house, as
//     CERCLE_CODE(enumerator, "rule-name")
// A rule name, once released, keeps its meaning.

#include <cstdint>
#include <string_view>

namespace cercle {

enum class Code : std::uint16_t {
#define CERCLE_CODE(enumerator, rule) enumerator,
#include "base/codes_client.inc"
#include "base/codes_general.inc"
#include "base/codes_identity.inc"
#include "base/codes_mls.inc"
#include "base/codes_relay.inc"
#undef CERCLE_CODE
};

/// The rule's name as scripts see it, for example "id-reused".
[[nodiscard]] std::string_view rule_name(Code code);

}  // namespace cercle
