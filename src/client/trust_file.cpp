// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/trust_file.h"

#include <fstream>
#include <sstream>

#include "net/address.h"

namespace cercle::client {
namespace {

Result<void> apply_line(const std::string& line, Self& self) {
    std::istringstream words(line);
    std::string word;
    std::string value;
    std::string more;
    words >> word >> value >> more;
    if (word.empty() || word.starts_with('#')) return {};
    if (word == "relay" && more.empty()) {
        TRY(const auto address, net::Address::parse(value));
        self.relay = address.text();
        return {};
    }
    const auto key = identity::RelayFingerprint::from_hex(value);
    if (word == "relay-key" && key && more.empty()) {
        self.relay_key = *key;
        return {};
    }
    return fail(
        Code::malformed,
        "the trust file has a line that is neither \"relay HOST:PORT\" nor \"relay-key HEX\"");
}

}  // namespace

Result<void> apply_trust_lines(const std::string& lines, Self& self) {
    std::istringstream stream(lines);
    std::string line;
    while (std::getline(stream, line))
        TRY_VOID(apply_line(line, self));
    return {};
}

Result<void> apply_trust_file(const std::filesystem::path& path, Self& self) {
    std::ifstream file(path);
    if (!file) return fail(Code::not_found, "the trust file cannot be read");
    std::stringstream content;
    content << file.rdbuf();
    return apply_trust_lines(content.str(), self);
}

}  // namespace cercle::client
