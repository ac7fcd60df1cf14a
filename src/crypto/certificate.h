// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// X.509 certificates (RFC 5280) in the one profile that a circle uses: an Ed25519 root, and
// leaves signed by it directly, which name what they certify by URIs in the subject's
// alternative names. No revocation lists, no intermediate, no wildcard.

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
    bool authority;  // basicConstraints CA

    /// Errors: certificate_invalid, also for anything outside the profile.
    [[nodiscard]] static Result<Certificate> parse(BytesView der);

    /// Errors: certificate_untrusted, certificate_expired (with the time given).
    [[nodiscard]] Result<void> verify_under(const Certificate& root, WallTime at) const;
};

/// A self-signed root.
[[nodiscard]] Result<Bytes> make_root_certificate(const SigningKey& key,
                                                  const std::string& common_name,
                                                  Validity validity,
                                                  Random& random);

/// A leaf for `public_key` (raw Ed25519), signed by the root's key.
[[nodiscard]] Result<Bytes> issue_certificate(const SigningKey& root_key,
                                              const Certificate& root,
                                              BytesView public_key,
                                              const std::vector<std::string>& uris,
                                              Validity validity,
                                              Random& random);

}  // namespace cercle::crypto
