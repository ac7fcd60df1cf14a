// SPDX-License-Identifier: AGPL-3.0-or-later
#include "net/address.h"

#include <string>

#include <catch2/catch_test_macros.hpp>

namespace {

using namespace cercle;
using net::Address;

}  // namespace

TEST_CASE("an address reads and prints the same") {
    for (const char* text : {"relay.example:443", "192.0.2.7:1", "[2001:db8::1]:65535", "a:0"}) {
        const auto address = Address::parse(text);
        REQUIRE(address);
        CHECK(address->text() == text);
    }
    CHECK(Address::parse("[::1]:9").value() == Address{"::1", 9});
}

TEST_CASE("what is no address is refused") {
    for (const std::string text : {"",
                                   ":",
                                   "host",
                                   "host:",
                                   ":443",
                                   "host:65536",
                                   "host:-1",
                                   "host:+1",
                                   "host: 1",
                                   "host:1 ",
                                   "::1:443",
                                   "[]:1",
                                   "[host]:1",
                                   "[%]:1",
                                   "[host:1",
                                   "ho st:1",
                                   "ho/st:1",
                                   "h\xc3\xb4te:1"}) {
        CAPTURE(text);
        CHECK(Address::parse(text).error().code == Code::invalid_argument);
    }
    CHECK_FALSE(Address::parse(std::string(254, 'a') + ":1"));
}
