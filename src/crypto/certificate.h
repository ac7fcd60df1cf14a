// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// X.509 certificates (RFC 5280) in the one profile that a circle uses: an Ed25519 root, and
// leaves signed by it directly, which name what they certify by URIs in the subject's
// alternative names. No revocation lists, no intermediate, no wildcard.
//
// Both: version 3, a serial of 16 bytes, Ed25519, at most 8 KiB of DER and nothing after it.
//
// A root: issuer and subject are one common name (is_name, at most 64 bytes); CA:TRUE with path
// length 0; digitalSignature and keyCertSign; and, if it has one, a second key, of ML-DSA-65, in
// the place that X.509 has for it (ITU-T X.509 clause 9.8, subjectAltPublicKeyInfo; its algorithm
// as in RFC 9881).
//
// A leaf: no subject; CA:FALSE; digitalSignature; 1 to 8 URIs of printable ASCII, 512 bytes each.
//
// All extensions are critical and stand in that order. The profile leaves no choice in how a
// certificate is written, and what is written otherwise is refused.

#include <string>
#include <vector>

#include "base/clock.h"
#include "crypto/sign.h"

namespace cercle::crypto {

struct Validity {
    WallTime from;
    WallTime until;
};

/// What a certificate says, without any judgement on whether to believe it.
struct Certificate {
    Bytes der;
    Bytes public_key;               // raw Ed25519
    std::vector<std::string> uris;  // URI subject alternative names, in order
    Validity validity;
    bool authority;      // basicConstraints CA
    Bytes second_key{};  // raw ML-DSA-65, of a root that has one; it has no part in verify_under()

    /// Errors: certificate_invalid, also for anything outside the profile.
    [[nodiscard]] static Result<Certificate> parse(BytesView der);

    /// Whether `root` signed this (or is this) and both are valid at that time, ends included.
    /// Requires that `root` itself is the one trusted. Errors: certificate_untrusted,
    /// certificate_expired.
    [[nodiscard]] Result<void> verify_under(const Certificate& root, WallTime at) const;
};

/// A self-signed root; times are cut to seconds. Requires an Ed25519 key, and a raw key of
/// ML-DSA-65 as the second one, or none. Errors: invalid_text (the name), invalid_argument (the
/// validity).
[[nodiscard]] Result<Bytes> make_root_certificate(const SigningKey& key,
                                                  const std::string& common_name,
                                                  Validity validity,
                                                  Random& random,
                                                  BytesView second_key = {});

/// A leaf for `public_key` (raw Ed25519), signed by the root's key. Errors: invalid_key (of either,
/// or the root's key is another), invalid_argument (URIs, validity).
[[nodiscard]] Result<Bytes> issue_certificate(const SigningKey& root_key,
                                              const Certificate& root,
                                              BytesView public_key,
                                              const std::vector<std::string>& uris,
                                              Validity validity,
                                              Random& random);

}  // namespace cercle::crypto
