// SPDX-License-Identifier: AGPL-3.0-or-later
#include "net/address.h"

#include <algorithm>
#include <charconv>

namespace cercle::net {
namespace {

constexpr std::size_t longest_host = 253;  // RFC 1035's bound on a name

bool is_letter_or_digit(char character) {
    return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') ||
           (character >= '0' && character <= '9');
}

bool is_name_character(char character) {
    return is_letter_or_digit(character) || character == '.' || character == '-' ||
           character == '_';
}

bool is_v6_character(char character) {
    return is_letter_or_digit(character) || character == ':' || character == '.' ||
           character == '%';
}

}  // namespace

Result<Address> Address::parse(std::string_view text) {
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos) {
        return fail(Code::invalid_argument, "an address is HOST:PORT");
    }
    std::string_view host = text.substr(0, colon);
    const std::string_view digits = text.substr(colon + 1);

    const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
    if (bracketed) host = host.substr(1, host.size() - 2);
    if (host.empty() || host.size() > longest_host || host.contains(':') != bracketed ||
        !std::ranges::all_of(host, bracketed ? is_v6_character : is_name_character)) {
        return fail(Code::invalid_argument, "an address's host is a name or an IP, IPv6 in []");
    }

    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(digits.begin(), digits.end(), port);
    if (error != std::errc{} || end != digits.end()) {
        return fail(Code::invalid_argument, "an address's port is a number below 65536");
    }
    return Address{std::string(host), port};
}

std::string Address::text() const {
    const bool v6 = host.contains(':');
    return (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

}  // namespace cercle::net
