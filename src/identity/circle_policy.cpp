// SPDX-License-Identifier: AGPL-3.0-or-later
#include "identity/circle_policy.h"

#include <algorithm>

#include "base/utf8.h"
#include "codec/tls.h"

namespace cercle::identity {
namespace {

constexpr std::string_view policy_label = "Cercle 1 circle policy";
/// The last moment of the year 9999: what a person can be shown.
constexpr std::uint64_t latest_time = 253402300799999;

bool is_rule_name(std::string_view name) {
    const bool fits = !name.empty() && name.size() <= longest_rule_name && name.front() != '.' &&
                      name.back() != '.';
    return fits && std::ranges::all_of(
                       name, [](char one) { return (one >= 'a' && one <= 'z') || one == '.'; });
}

Result<void> check_rule(const PolicyRule& rule) {
    if (!is_rule_name(rule.name)) {
        return fail(Code::invalid_text, "a rule of the policy without a name that is one");
    }
    const bool one_line =
        is_plain_text(rule.value, longest_rule_value) && rule.value.find('\n') == std::string::npos;
    if (rule.value.empty() || rule.value.size() > longest_rule_value || !one_line) {
        return fail(Code::invalid_text, "a rule of the policy whose value may not stand there");
    }
    return {};
}

}  // namespace

SignedPolicy sign_policy(const CirclePolicy& policy, const Authority& authority) {
    SignedPolicy made;
    made.policy = codec::encode(policy);
    made.signature = authority.sign(policy_label, made.policy);
    return made;
}

Result<void> verify_policy(const SignedPolicy& signed_policy, const Root& root) {
    return root.verify(policy_label, signed_policy.policy, signed_policy.signature);
}

Result<CirclePolicy> open_policy(const SignedPolicy& signed_policy, const Root& root) {
    TRY_VOID(verify_policy(signed_policy, root));
    codec::Reader first(signed_policy.policy);
    TRY(const auto version, first.number<std::uint8_t>());
    // Whatever a later version is made of, it is not read as if it were this one.
    if (version != circle_policy_version) {
        return fail(Code::unsupported, "a policy of another version");
    }
    TRY(auto policy, codec::decode<CirclePolicy>(signed_policy.policy));
    if (policy.number.value == 0 || policy.time.value > latest_time ||
        policy.rules.size() > most_policy_rules) {
        return fail(Code::malformed, "a policy without a number, of no time, or of too many rules");
    }
    const auto follows = [](const PolicyRule& one, const PolicyRule& next) {
        return one.name < next.name;
    };
    for (std::size_t at = 1; at < policy.rules.size(); ++at) {
        if (!follows(policy.rules[at - 1], policy.rules[at])) {
            return fail(Code::not_canonical, "rules of a policy that do not follow each other");
        }
    }
    for (const PolicyRule& rule : policy.rules)
        TRY_VOID(check_rule(rule));
    return policy;
}

}  // namespace cercle::identity
