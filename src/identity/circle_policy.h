// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// The circle's policy: the rules that its officer has set for all, numbered and signed
// (docs/spec/policy.md). It travels in directory pages, each of which carries the newest one.
//
// Here it is only names and values, so that a rule that this build does not know can be shown and
// breaks nothing. What the rules mean is client/circle_rules.h.

#include <cstddef>
#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

#include "base/bytes.h"
#include "identity/passport.h"
#include "protocol/words.h"

namespace cercle::identity {

inline constexpr std::uint8_t circle_policy_version = 1;

/// The first is 1; a later one has a higher number.
using PolicyNumber = Number<struct PolicyTag>;

inline constexpr std::size_t most_policy_rules = 64;
inline constexpr std::size_t longest_rule_name = 32;
inline constexpr std::size_t longest_rule_value = 1000;

struct PolicyRule {
    std::string name;   // of a to z, and dots between them
    std::string value;  // visible characters, as a person reads them

    auto fields(this auto& self) { return std::tie(self.name, self.value); }

    friend bool operator==(const PolicyRule&, const PolicyRule&) = default;
};

struct CirclePolicy {
    std::uint8_t version = circle_policy_version;
    PolicyNumber number;
    protocol::Stamp time;           // when it was set, by the officer's clock
    std::vector<PolicyRule> rules;  // by their names, each once; what is not there is as usual

    auto fields(this auto& self) {
        return std::tie(self.version, self.number, self.time, self.rules);
    }

    friend bool operator==(const CirclePolicy&, const CirclePolicy&) = default;
};

struct SignedPolicy {
    Bytes policy;  // an encoded CirclePolicy, kept as it was signed
    RootSignature signature;

    auto fields(this auto& self) { return std::tie(self.policy, self.signature); }

    friend bool operator==(const SignedPolicy&, const SignedPolicy&) = default;
};

[[nodiscard]] SignedPolicy sign_policy(const CirclePolicy& policy, const Authority& authority);

/// That the authority has signed it, whatever its version. Errors: forged.
[[nodiscard]] Result<void> verify_policy(const SignedPolicy& signed_policy, const Root& root);

/// Errors: forged, unsupported (a later version), malformed (also number 0, a time that no clock
/// shows, too many rules), not_canonical (rules out of order), invalid_text.
[[nodiscard]] Result<CirclePolicy> open_policy(const SignedPolicy& signed_policy, const Root& root);

}  // namespace cercle::identity
