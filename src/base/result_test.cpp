// SPDX-License-Identifier: AGPL-3.0-or-later
#include "base/result.h"

#include <memory>
#include <set>
#include <string>
#include <string_view>

#include <catch2/catch_test_macros.hpp>

namespace cercle {
namespace {

Result<int> half(int number) {
    if (number % 2 != 0) return fail(Code::invalid_argument, "an odd number");
    return number / 2;
}

Result<int> quarter(int number) {
    TRY(const int once, half(number));
    TRY(const int twice, half(once));
    return twice;
}

Result<void> check_even(int number) {
    TRY_VOID(half(number));
    return {};
}

Result<std::unique_ptr<int>> boxed(int number) {
    TRY(auto value, half(number));
    return std::make_unique<int>(value);
}

Result<std::string> both() {
    TRY(const auto box, boxed(8));
    int further = 0;
    TRY(further, half(*box));
    return std::to_string(further);
}

}  // namespace

TEST_CASE("TRY hands on the value, or leaves with the very same error") {
    CHECK(quarter(8).value() == 2);
    const auto refused = quarter(6);
    REQUIRE(!refused.has_value());
    CHECK(refused.error().code == Code::invalid_argument);
    CHECK(std::string_view(refused.error().reason.text) == "an odd number");
    CHECK(std::string_view(refused.error().where.function_name()).contains("half"));
}

TEST_CASE("TRY_VOID drops the value and keeps the error") {
    CHECK(check_even(2));
    CHECK(!check_even(3));
}

TEST_CASE("TRY takes what can only be moved, and assigns to what there is") {
    CHECK(both().value() == "2");
}

TEST_CASE("every code has a rule name of its own") {
    std::set<std::string_view> names;
    std::uint16_t count = 0;
    for (; rule_name(static_cast<Code>(count)) != "unknown-code"; ++count) {
        const std::string_view name = rule_name(static_cast<Code>(count));
        INFO(name);
        CHECK(!name.empty());
        CHECK(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") ==
              std::string_view::npos);
        CHECK(names.insert(name).second);
    }
    CHECK(count > 20);
}

}  // namespace cercle
