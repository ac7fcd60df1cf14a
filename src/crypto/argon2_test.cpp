// SPDX-License-Identifier: AGPL-3.0-or-later
#include "crypto/argon2.h"

#include <catch2/catch_test_macros.hpp>

namespace cercle::crypto {
namespace {

std::string derived(std::string_view passphrase, std::string_view salt, Argon2Cost cost) {
    return to_hex(argon2id(view_of(passphrase), view_of(salt), cost, 32).reveal());
}

constexpr Argon2Cost cheap{.memory_kib = 64, .passes = 1};

}  // namespace

// RFC 9106's own vector has a secret and associated data, which this door does not offer. This
// one comes from the reference implementation:
//     printf password | argon2 somesalt -id -p 4 -k 65536 -t 3 -l 32 -r
TEST_CASE("Argon2id agrees with the reference implementation") {
    CHECK(derived("password", "somesalt", {.memory_kib = 65536, .passes = 3}) ==
          "661fefbd6f29bcbc8f4646abc32a9d7a4645bb5c059537f8a5587f31adbecccd");
}

TEST_CASE("another passphrase, salt or cost gives another key") {
    const std::string key = derived("passphrase", "eight or more", cheap);
    CHECK(derived("", "eight or more", cheap) != key);
    CHECK(derived("passphrasf", "eight or more", cheap) != key);
    CHECK(derived("passphrase", "eight or mora", cheap) != key);
    CHECK(derived("passphrase", "eight or more", {.memory_kib = 128, .passes = 1}) != key);
    CHECK(derived("passphrase", "eight or more", {.memory_kib = 64, .passes = 2}) != key);
}

}  // namespace cercle::crypto
