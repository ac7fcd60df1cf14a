// SPDX-License-Identifier: AGPL-3.0-or-later
#include "identity/circle_policy.h"

#include <chrono>

#include <catch2/catch_test_macros.hpp>

#include "codec/tls.h"
#include "crypto/random.h"
#include "identity/directory.h"
#include "tests/must.h"

namespace {

using namespace cercle;
using namespace cercle::identity;
using namespace std::chrono_literals;

constexpr WallTime now{1'800'000'000'000ms};

struct Circle {
    crypto::SystemRandom random;
    Authority authority = must(Authority::found(now, random));

    [[nodiscard]] Code refusal(const CirclePolicy& policy) const {
        const auto opened = open_policy(sign_policy(policy, authority), authority.root());
        REQUIRE_FALSE(opened.has_value());
        return opened.error().code;
    }
};

CirclePolicy policy_of(std::vector<PolicyRule> rules) {
    return {1, {7}, {1'800'000'000'000}, std::move(rules)};
}

}  // namespace

TEST_CASE("a policy opens as it was signed, with rules that nobody knows yet") {
    const Circle circle;
    const auto policy =
        policy_of({{"cards", "nobody"}, {"guests", "no"}, {"some.later.rule", "été, 3"}});
    const auto signed_policy = sign_policy(policy, circle.authority);
    CHECK(must(open_policy(signed_policy, circle.authority.root())) == policy);
    CHECK(open_policy(signed_policy, Circle().authority.root()).error().code == Code::forged);
    auto changed = signed_policy;
    changed.policy.back() ^= 1U;
    CHECK(open_policy(changed, circle.authority.root()).error().code == Code::forged);
}

TEST_CASE("a policy has a number, a time that a clock shows, and each rule once, in order") {
    const Circle circle;
    auto policy = policy_of({{"cards", "nobody"}});
    policy.number = {0};
    CHECK(circle.refusal(policy) == Code::malformed);
    policy = policy_of({{"cards", "nobody"}});
    policy.time = {253402300800000};
    CHECK(circle.refusal(policy) == Code::malformed);
    CHECK(circle.refusal(policy_of({{"guests", "no"}, {"cards", "nobody"}})) ==
          Code::not_canonical);
    CHECK(circle.refusal(policy_of({{"cards", "nobody"}, {"cards", "everybody"}})) ==
          Code::not_canonical);
    std::vector<PolicyRule> many;
    for (char first = 'a'; first <= 'z'; ++first) {
        for (char second = 'a'; second <= 'c'; ++second)
            many.push_back({{first, second}, "1"});
    }
    CHECK(circle.refusal(policy_of(many)) == Code::malformed);
}

TEST_CASE("a rule's name and value can be shown to anybody") {
    const Circle circle;
    for (const std::string name : {"", "Cards", "cards ", ".cards", "cards.", "c\u00e4rds"})
        CHECK(circle.refusal(policy_of({{name, "nobody"}})) == Code::invalid_text);
    CHECK(circle.refusal(policy_of({{std::string(33, 'a'), "nobody"}})) == Code::invalid_text);
    for (const std::string value : {"", "a\u202eb", "two\nlines", "\x1b[2J"})
        CHECK(circle.refusal(policy_of({{"cards", value}})) == Code::invalid_text);
    CHECK(circle.refusal(policy_of({{"cards", std::string(1001, 'a')}})) == Code::invalid_text);
}

TEST_CASE("a policy of a later version is the authority's, and is not read as one of this") {
    const Circle circle;
    auto policy = policy_of({{"cards", "nobody"}});
    policy.version = 2;
    auto signed_policy = sign_policy(policy, circle.authority);
    CHECK(circle.refusal(policy) == Code::unsupported);
    CHECK(verify_policy(signed_policy, circle.authority.root()).has_value());
    // Whatever stands behind the version.
    signed_policy.policy = {2, 0xff};
    CHECK(open_policy(signed_policy, circle.authority.root()).error().code == Code::forged);
}

TEST_CASE("a page with a policy that the authority has not signed is refused whole") {
    const Circle circle;
    DirectoryPage page;
    page.number = {1};
    page.circle_name = "Conseil";
    page.policy = sign_policy(policy_of({{"cards", "nobody"}}), circle.authority);
    const auto open = [&circle](const DirectoryPage& one) {
        return open_page(sign_page(one, circle.authority).reveal(), circle.authority.root(), now);
    };
    CHECK(must(open(page)).policy == page.policy);
    page.policy = sign_policy(policy_of({{"cards", "nobody"}}), Circle().authority);
    CHECK(open(page).error().code == Code::forged);
    // One that this build cannot read keeps nobody from the rest of the page.
    auto later = policy_of({});
    later.version = 2;
    page.policy = sign_policy(later, circle.authority);
    CHECK(open(page).has_value());
}
