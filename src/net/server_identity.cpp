// SPDX-License-Identifier: AGPL-3.0-or-later
#include "net/server_identity.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

#include "crypto/pem.h"
#include "net/succession.h"
#include "net/tls_context.h"

namespace cercle::net {
namespace {

using crypto::SignatureAlgorithm;
using crypto::SigningKey;

// RFC 8410: the PKCS #8 of an Ed25519 key is this, and then 32 bytes.
constexpr std::array<std::uint8_t, 16> private_head = {
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20};
constexpr std::size_t seed_size = 32;

// 48 bytes are 64 characters of base64: one line, no padding.
constexpr std::size_t private_size = private_head.size() + seed_size;
constexpr std::size_t line_size = private_size / 3 * 4;
constexpr std::string_view pem_begin = "-----BEGIN PRIVATE KEY-----\n";
constexpr std::string_view pem_end = "\n-----END PRIVATE KEY-----\n";
// Behind it, what key it must be: a private key that a flipped bit has changed is a key like
// another.
constexpr std::string_view check_begin = "SHA-256 of the public key: ";
constexpr std::size_t pem_size = pem_begin.size() + line_size + pem_end.size();
constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// Base64 of our own, because base's goes through a std::string, and this is a secret.

void encode_line(BytesView bytes, std::span<std::uint8_t> line) {
    for (std::size_t group = 0; group < bytes.size() / 3; ++group) {
        std::uint32_t bits = 0;
        for (std::size_t at = 0; at < 3; ++at)
            bits = bits << 8U | bytes[group * 3 + at];
        for (std::size_t at = 0; at < 4; ++at) {
            const std::size_t digit = (bits >> (18 - 6 * at)) & 63U;
            line[group * 4 + at] = static_cast<std::uint8_t>(alphabet[digit]);
        }
    }
}

bool decode_line(BytesView line, std::span<std::uint8_t> bytes) {
    for (std::size_t group = 0; group < line.size() / 4; ++group) {
        std::uint32_t bits = 0;
        for (std::size_t at = 0; at < 4; ++at) {
            const auto digit = alphabet.find(static_cast<char>(line[group * 4 + at]));
            if (digit == std::string_view::npos) return false;
            bits = bits << 6U | static_cast<std::uint32_t>(digit);
        }
        for (std::size_t at = 0; at < 3; ++at) {
            bytes[group * 3 + at] = static_cast<std::uint8_t>(bits >> (16 - 8 * at));
        }
    }
    return true;
}

std::string check_line(const RelayKey& key) {
    return std::string(check_begin) + key.hex() + '\n';
}

}  // namespace

ServerIdentity::ServerIdentity(SigningKey signing_key, std::vector<Bytes> certificates)
    : signing_key_(std::move(signing_key)),
      certificates_(std::move(certificates)),
      key_(fingerprint_of(signing_key_.public_key())) {}

ServerIdentity ServerIdentity::generate(Random& random) {
    auto key = SigningKey::generate(SignatureAlgorithm::Ed25519, random);
    Bytes own = own_certificate(key);
    return {std::move(key), {std::move(own)}};
}

Result<ServerIdentity> ServerIdentity::load(BytesView file) {
    const BytesView pem = file.first(std::min(file.size(), pem_size));
    if (pem.size() != pem_size ||
        !equal_in_constant_time(pem.first(pem_begin.size()), view_of(pem_begin)) ||
        !equal_in_constant_time(pem.last(pem_end.size()), view_of(pem_end))) {
        return fail(Code::invalid_key, "not the PEM of an Ed25519 private key");
    }
    Secret bytes(private_size);
    if (!decode_line(pem.subspan(pem_begin.size(), line_size), bytes.expose()) ||
        !equal_in_constant_time(bytes.reveal().first(private_head.size()), private_head)) {
        return fail(Code::invalid_key, "a PEM, but not of an Ed25519 private key");
    }
    TRY(auto key,
        SigningKey::from_secret(SignatureAlgorithm::Ed25519, bytes.reveal().last(seed_size)));
    Bytes own = own_certificate(key);
    ServerIdentity identity(std::move(key), {std::move(own)});
    BytesView rest = file.subspan(pem_size);
    // Files of before end with the key.
    if (rest.empty()) return identity;
    const std::string check = check_line(identity.key_);
    if (rest.size() < check.size() ||
        !std::ranges::equal(rest.first(check.size()), view_of(check))) {
        return fail(Code::invalid_key, "the key is not the one that its file says");
    }
    rest = rest.subspan(check.size());
    if (rest.empty()) return identity;
    TRY(auto shown, identity.showing(rest));
    // One way to write them.
    const std::string text = crypto::encode_pem_certificates(shown.certificates_);
    if (!equal_in_constant_time(view_of(text), rest)) {
        return fail(Code::certificate_invalid, "something else stands behind the key");
    }
    return shown;
}

Result<ServerIdentity> ServerIdentity::showing(BytesView certificates) const {
    TRY(auto shown, crypto::decode_pem_certificates(certificates));
    TRY(const RelayKey key, key_of_certificate(shown.front()));
    if (key != key_) return fail(Code::invalid_key, "the certificate is for another key");
    return ServerIdentity(signing_key_.copy(), std::move(shown));
}

ServerIdentity ServerIdentity::successor(Random& random) const {
    auto next = SigningKey::generate(SignatureAlgorithm::Ed25519, random);
    auto shown = succeed(signing_key_, certificates_, next.public_key());
    return {std::move(next), std::move(shown)};
}

Secret ServerIdentity::save() const {
    Secret bytes(private_size);
    std::ranges::copy(private_head, bytes.expose().begin());
    std::ranges::copy(signing_key_.secret().reveal(), bytes.expose().begin() + private_head.size());
    std::string behind = check_line(key_);
    if (certificates_.size() > 1) behind += crypto::encode_pem_certificates(certificates_);
    Secret file(pem_size + behind.size());
    const auto pem = file.expose().first(pem_size);
    std::ranges::copy(pem_begin, pem.begin());
    encode_line(bytes.reveal(), pem.subspan(pem_begin.size(), line_size));
    std::ranges::copy(pem_end, pem.last(pem_end.size()).begin());
    std::ranges::copy(behind, file.expose().last(behind.size()).begin());
    return file;
}

ServerIdentity ServerIdentity::copy() const {
    return {signing_key_.copy(), certificates_};
}

}  // namespace cercle::net
