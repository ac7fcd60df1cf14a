// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/circle_rules.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "base/utf8.h"

namespace cercle::client {
namespace {

using identity::PolicyRule;

constexpr std::uint64_t kibibyte = 1024;
constexpr std::uint64_t mebibyte = kibibyte * 1024;

std::string_view trimmed(std::string_view text) {
    while (text.starts_with(' '))
        text.remove_prefix(1);
    while (text.ends_with(' '))
        text.remove_suffix(1);
    return text;
}

Result<Permission> read_permission(std::string_view value) {
    if (value == "everybody") return Permission{};
    if (value == "nobody") return Permission{std::vector<std::string>()};
    std::vector<std::string> roles;
    while (true) {
        const auto comma = value.find(',');
        const std::string_view role = trimmed(value.substr(0, comma));
        if (!is_name(role)) {
            return fail(Code::invalid_argument,
                        "who may do it is everybody, nobody, or roles with commas between them");
        }
        roles.emplace_back(role);
        if (comma == std::string_view::npos) break;
        value.remove_prefix(comma + 1);
    }
    std::ranges::sort(roles);
    roles.erase(std::ranges::unique(roles).begin(), roles.end());
    return Permission{std::move(roles)};
}

std::string text_of(const Permission& permission) {
    if (!permission.roles) return "everybody";
    if (permission.roles->empty()) return "nobody";
    std::string text;
    for (const std::string& role : *permission.roles)
        text += (text.empty() ? "" : ", ") + role;
    return text;
}

std::string sentence_of(const Permission& permission, std::string_view may) {
    if (!permission.roles) return "Everybody may " + std::string(may) + ".";
    if (permission.roles->empty()) return "Nobody may " + std::string(may) + ".";
    return "Only whose role is one of these may " + std::string(may) + ": " + text_of(permission) +
           ".";
}

Result<std::uint64_t> read_number(std::string_view text) {
    std::uint64_t number = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    if (read.ec == std::errc() && read.ptr == text.data() + text.size()) return number;
    return fail(Code::invalid_argument, "a number is written in digits");
}

Result<std::uint64_t> read_size(std::string_view value) {
    std::uint64_t unit = 1;
    for (const auto& [name, bytes] : {std::pair{std::string_view("KiB"), kibibyte},
                                      std::pair{std::string_view("MiB"), mebibyte}}) {
        if (!value.ends_with(name)) continue;
        unit = bytes;
        value.remove_suffix(name.size());
        break;
    }
    const auto number = read_number(trimmed(value));
    if (!number || *number > envelope::largest_file / unit) {
        return fail(Code::invalid_argument,
                    "the largest file is a number of bytes, such as 10MiB or 512KiB; 100MiB at"
                    " most");
    }
    return *number * unit;
}

std::string size_text(std::uint64_t bytes) {
    if (bytes != 0 && bytes % mebibyte == 0) return std::to_string(bytes / mebibyte) + " MiB";
    if (bytes != 0 && bytes % kibibyte == 0) return std::to_string(bytes / kibibyte) + " KiB";
    return std::to_string(bytes);
}

Result<Allowed> read_allowed(std::string_view value, std::string_view yes, std::string_view no) {
    if (value == yes) return Allowed::Yes;
    if (value == no) return Allowed::No;
    return fail(Code::invalid_argument, "guests is yes or no; report is on or off");
}

constexpr std::array<std::pair<std::string_view, protocol::Tier>, 4> tiers{{
    {"ring", protocol::Tier::Ring},
    {"knock", protocol::Tier::Knock},
    {"note", protocol::Tier::Note},
    {"never", protocol::Tier::Never},
}};

/// One rule: how its value is read, and how it is shown.
struct Rule {
    std::string_view name;
    Result<void> (*read)(std::string_view value, CircleRules& rules);
    std::string (*value)(const CircleRules& rules);
    std::string (*sentence)(const CircleRules& rules);
};

Result<void> read_tier(std::string_view value, CircleRules& rules) {
    for (const auto& [name, tier] : tiers) {
        if (name != value) continue;
        rules.highest_tier = tier;
        return {};
    }
    return fail(Code::invalid_argument, "a tier is ring, knock, note or never");
}

std::string tier_value(const CircleRules& rules) {
    for (const auto& [name, tier] : tiers) {
        if (tier == rules.highest_tier) return std::string(name);
    }
    return "never";
}

std::string tier_sentence(const CircleRules& rules) {
    switch (rules.highest_tier) {
        case protocol::Tier::Ring:
            return "A card may ring.";
        case protocol::Tier::Knock:
            return "No card rings; it may knock.";
        case protocol::Tier::Note:
            return "No card rings or knocks; what comes by it is a note.";
        case protocol::Tier::Never:
            break;
    }
    return "Nothing new comes by cards.";
}

Result<void> read_threshold(std::string_view value, CircleRules& rules) {
    const auto number = read_number(value);
    if (!number || *number < least_threshold || *number > greatest_threshold) {
        return fail(Code::invalid_argument,
                    "the report's threshold is a number from 5 to 1000: no policy lowers it below"
                    " 5");
    }
    rules.threshold = static_cast<std::uint32_t>(*number);
    return {};
}

// In the order in which a person reads them.
constexpr std::array<Rule, 7> known{{
    {"cards",
     [](std::string_view value, CircleRules& rules) -> Result<void> {
         TRY(rules.cards, read_permission(value));
         return {};
     },
     [](const CircleRules& rules) { return text_of(rules.cards); },
     [](const CircleRules& rules) { return sentence_of(rules.cards, "make cards"); }},
    {"cards.tier", read_tier, tier_value, tier_sentence},
    {"guests",
     [](std::string_view value, CircleRules& rules) -> Result<void> {
         TRY(rules.guests, read_allowed(value, "yes", "no"));
         return {};
     },
     [](const CircleRules& rules) {
         return std::string(rules.guests == Allowed::Yes ? "yes" : "no");
     },
     [](const CircleRules& rules) {
         return std::string(rules.guests == Allowed::Yes
                                ? "Whoever claims a card may be taken on as a guest."
                                : "Nobody from outside is taken on as a guest.");
     }},
    {"files.largest",
     [](std::string_view value, CircleRules& rules) -> Result<void> {
         TRY(rules.largest_file, read_size(value));
         return {};
     },
     [](const CircleRules& rules) { return size_text(rules.largest_file); },
     [](const CircleRules& rules) {
         return rules.largest_file == 0
                    ? "No file is sent but an empty one."
                    : "No file is sent that is larger than " + size_text(rules.largest_file) + ".";
     }},
    {"groups",
     [](std::string_view value, CircleRules& rules) -> Result<void> {
         TRY(rules.groups, read_permission(value));
         return {};
     },
     [](const CircleRules& rules) { return text_of(rules.groups); },
     [](const CircleRules& rules) { return sentence_of(rules.groups, "create groups"); }},
    {"report",
     [](std::string_view value, CircleRules& rules) -> Result<void> {
         TRY(rules.report, read_allowed(value, "on", "off"));
         return {};
     },
     [](const CircleRules& rules) {
         return std::string(rules.report == Allowed::Yes ? "on" : "off");
     },
     [](const CircleRules& rules) {
         return std::string(
             rules.report == Allowed::Yes
                 ? "Each device reports once a day whether it was opened, and not whose it is;"
                   " see: status --reports"
                 : "No device reports whether it is used.");
     }},
    {"report.threshold",
     read_threshold,
     [](const CircleRules& rules) { return std::to_string(rules.threshold); },
     [](const CircleRules& rules) {
         return "The officer is told no figure behind which fewer than " +
                std::to_string(rules.threshold) + " phones stand.";
     }},
}};

const Rule* find(std::string_view name) {
    const auto* const found = std::ranges::find(known, name, &Rule::name);
    return found == known.end() ? nullptr : found;
}

/// Nothing of a value that cannot be read.
Result<CircleRules> read_alone(const Rule& rule, std::string_view value) {
    CircleRules rules;
    TRY_VOID(rule.read(value, rules));
    return rules;
}

}  // namespace

bool Permission::includes(std::string_view role) const {
    return !roles || std::ranges::contains(*roles, role);
}

CircleRules rules_of(const std::vector<PolicyRule>& rules) {
    CircleRules meant;
    for (const PolicyRule& one : rules) {
        const Rule* const rule = find(one.name);
        if (rule == nullptr) continue;
        CircleRules changed = meant;
        if (rule->read(one.value, changed)) meant = std::move(changed);
    }
    return meant;
}

std::vector<RuleReading> readings_of(const std::vector<PolicyRule>& rules) {
    std::vector<RuleReading> readings;
    const CircleRules meant = rules_of(rules);
    for (const Rule& rule : known) {
        const auto set = std::ranges::find(rules, rule.name, &PolicyRule::name);
        const bool readable = set == rules.end() || read_alone(rule, set->value).has_value();
        if (!readable) continue;
        readings.push_back({std::string(rule.name),
                            rule.value(meant),
                            set == rules.end() ? RuleStanding::Usual : RuleStanding::Set,
                            rule.sentence(meant)});
    }
    for (const PolicyRule& one : rules) {
        const Rule* const rule = find(one.name);
        if (rule != nullptr && read_alone(*rule, one.value)) continue;
        readings.push_back({one.name,
                            one.value,
                            RuleStanding::Unknown,
                            "A rule that this version does not know, and cannot keep."});
    }
    return readings;
}

Result<std::vector<PolicyRule>> with_changes(std::vector<PolicyRule> rules,
                                             const std::vector<std::string>& changes) {
    for (const std::string& change : changes) {
        const auto equals = change.find('=');
        if (equals == std::string::npos) {
            return fail(Code::invalid_argument,
                        "a rule is set as NAME=VALUE, such as cards=nobody");
        }
        const std::string name(trimmed(std::string_view(change).substr(0, equals)));
        const std::string_view value = trimmed(std::string_view(change).substr(equals + 1));
        const Rule* const rule = find(name);
        if (rule == nullptr) {
            return fail(Code::invalid_argument,
                        "no rule is called that; `officer policy` shows those there are");
        }
        std::erase_if(rules, [&name](const PolicyRule& one) { return one.name == name; });
        if (value.empty()) continue;
        TRY(const CircleRules meant, read_alone(*rule, value));
        const std::string written = rule->value(meant);
        if (written.size() > identity::longest_rule_value) {
            return fail(Code::invalid_argument, "these are more roles than a rule has room for");
        }
        rules.push_back({name, written});
    }
    std::ranges::sort(rules, {}, &PolicyRule::name);
    return rules;
}

}  // namespace cercle::client
