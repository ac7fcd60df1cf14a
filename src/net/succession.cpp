// SPDX-License-Identifier: AGPL-3.0-or-later
#include "net/succession.h"

#include <array>
#include <chrono>
#include <string>

#include "base/check.h"
#include "crypto/certificate.h"
#include "crypto/hash.h"
#include "crypto/random.h"

namespace cercle::net {
namespace {

using crypto::Certificate;

// RFC 8410: the SubjectPublicKeyInfo of an Ed25519 key is this, and then 32 bytes.
constexpr std::array<std::uint8_t, 12> public_head = {
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};

/// What such a certificate is for: nothing else that a relay signs reads like it.
const std::string purpose = "urn:cercle:relay-successor:1";

crypto::Validity always() {
    return {WallTime{std::chrono::sys_days{std::chrono::year{2000} / 1 / 1}},
            WallTime{std::chrono::sys_days{std::chrono::year{2049} / 1 / 1}}};
}

std::unexpected<Error> mismatch() {
    return fail(Code::relay_key_mismatch, "the server's key is not the expected one");
}

}  // namespace

RelayKey fingerprint_of(BytesView public_key) {
    return {crypto::sha256({public_head, public_key})};
}

Bytes own_certificate(const crypto::SigningKey& key) {
    crypto::SystemRandom random;
    auto certificate = crypto::make_root_certificate(key, "cercle relay", always(), random);
    CHECK(certificate.has_value(), "a relay's certificate cannot be made");
    return *std::move(certificate);
}

std::vector<Bytes> succeed(const crypto::SigningKey& key,
                           const std::vector<Bytes>& before,
                           BytesView next) {
    const Bytes root = own_certificate(key);
    const auto parsed = Certificate::parse(root);
    CHECK(parsed.has_value(), "a relay's own certificate is of the profile");
    crypto::SystemRandom random;
    const auto leaf = crypto::issue_certificate(key, *parsed, next, {purpose}, always(), random);
    CHECK(leaf.has_value(), "a relay's successor cannot be certified");
    std::vector<Bytes> shown{*leaf, root};
    // A relay that had never replaced its key showed its own certificate alone.
    if (before.size() % 2 == 0) shown.insert(shown.end(), before.begin(), before.end());
    if (shown.size() > 2 * most_successions) shown.resize(2 * most_successions);
    return shown;
}

Result<RelayKey> follow_succession(std::span<const Bytes> shown, const RelayKey& pinned) {
    if (shown.size() < 2 || shown.size() > 2 * most_successions) return mismatch();
    TRY(const auto first, Certificate::parse(shown[0]));
    Bytes signed_key = first.public_key;
    for (std::size_t at = 0; at + 1 < shown.size(); at += 2) {
        TRY(const auto leaf, Certificate::parse(shown[at]));
        TRY(const auto root, Certificate::parse(shown[at + 1]));
        // Each step certifies the key that has signed the step before.
        if (leaf.public_key != signed_key || leaf.uris != std::vector{purpose}) return mismatch();
        // These certificates hold for ever; the key in them is what can be replaced.
        if (!leaf.verify_under(root, leaf.validity.from).has_value()) return mismatch();
        if (fingerprint_of(root.public_key) == pinned) return fingerprint_of(first.public_key);
        signed_key = root.public_key;
    }
    return mismatch();
}

}  // namespace cercle::net
