// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Circle rules: what the rules of the circle's policy mean to this build, and how a person reads
// them (docs/spec/policy.md). Pure: from names and values to rules and sentences. Who obeys them
// where is client/circle_policy.h.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "envelope/attachment.h"
#include "identity/circle_policy.h"
#include "protocol/card.h"

namespace cercle::client {

/// Who may do something: everybody, or whose role in the directory is one of these.
struct Permission {
    std::optional<std::vector<std::string>> roles{};

    [[nodiscard]] bool includes(std::string_view role) const;
};

enum class Allowed : std::uint8_t { No = 0, Yes = 1 };

/// No policy lets the officer's client tell figures of fewer phones than that.
inline constexpr std::uint32_t least_threshold = 5;
inline constexpr std::uint32_t greatest_threshold = 1000;

/// As they are without any policy.
struct CircleRules {
    Permission cards{};  // may make them
    protocol::Tier highest_tier = protocol::Tier::Ring;
    std::uint64_t largest_file = envelope::largest_file;
    Permission groups{};  // may create them
    Allowed guests = Allowed::Yes;
    Allowed report = Allowed::No;
    std::uint32_t threshold = least_threshold;
};

/// A rule that this build does not know, or whose value it cannot read, is as usual.
[[nodiscard]] CircleRules rules_of(const std::vector<identity::PolicyRule>& rules);

enum class RuleStanding : std::uint8_t {
    Usual = 0,   // the policy says nothing of it
    Set = 1,     // it does
    Unknown = 2  // it does, in a way that this build does not know
};

struct RuleReading {
    std::string name;
    std::string value;
    RuleStanding standing = RuleStanding::Usual;
    std::string sentence;
};

/// All rules that this build knows, and then those that it does not.
[[nodiscard]] std::vector<RuleReading> readings_of(const std::vector<identity::PolicyRule>& rules);

/// With changes of the form NAME=VALUE; without a value the rule is as usual again. By their names.
/// Errors: invalid_argument (no such rule, or a value that it cannot have).
[[nodiscard]] Result<std::vector<identity::PolicyRule>> with_changes(
    std::vector<identity::PolicyRule> rules, const std::vector<std::string>& changes);

}  // namespace cercle::client
