// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Revocation: the officer's word that a device is lost, and what comes back to him about it
// (docs/spec/revocation.md).
//
// Revocations are numbered without gaps, so that a device which holds some of them knows whether
// one was kept from it. In an inbox each is signed by itself; on a directory page, whose signature
// is over them, they stand as they are.

#include <cstdint>
#include <tuple>

#include "base/bytes.h"
#include "identity/passport.h"
#include "protocol/words.h"

namespace cercle::identity {

inline constexpr std::uint8_t revocation_version = 1;

/// The first is 1.
using RevocationNumber = Number<struct RevocationTag>;

struct Revocation {
    std::uint8_t version = revocation_version;
    RevocationNumber number;
    DeviceId device;
    MemberId member;
    protocol::Stamp time;  // by the officer's clock

    auto fields(this auto& self) {
        return std::tie(self.version, self.number, self.device, self.member, self.time);
    }

    friend bool operator==(const Revocation&, const Revocation&) = default;
};

struct SignedRevocation {
    Bytes revocation;  // an encoded Revocation, kept as it was signed
    RootSignature signature;

    auto fields(this auto& self) { return std::tie(self.revocation, self.signature); }

    friend bool operator==(const SignedRevocation&, const SignedRevocation&) = default;
};

[[nodiscard]] SignedRevocation sign_revocation(const Revocation& revocation,
                                               const Authority& authority);

/// Errors: malformed (number 0, or a time that no clock shows), unsupported.
[[nodiscard]] Result<void> check_revocation(const Revocation& revocation);

/// Errors: forged, and those of check_revocation.
[[nodiscard]] Result<Revocation> open_revocation(const SignedRevocation& signed_revocation,
                                                 const Root& root);

/// How far one device has come with what it was told. Of conversations it says how many, never
/// which.
struct RevocationReport {
    std::uint8_t version = revocation_version;
    DeviceId device;            // whose report it is
    std::uint64_t count = 0;    // of its reports; a later one has a higher one
    RevocationNumber held;      // it has all revocations up to this one
    std::uint32_t done = 0;     // conversations that a revoked device is out of by now
    std::uint32_t pending = 0;  // conversations that one still stands in

    auto fields(this auto& self) {
        return std::tie(self.version, self.device, self.count, self.held, self.done, self.pending);
    }

    friend bool operator==(const RevocationReport&, const RevocationReport&) = default;
};

struct SignedReport {
    Bytes report;  // an encoded RevocationReport
    Bytes signature;

    auto fields(this auto& self) { return std::tie(self.report, self.signature); }
};

/// Under the key that the device's certificate certifies.
[[nodiscard]] SignedReport sign_report(const RevocationReport& report,
                                       const crypto::SigningKey& signature_key);

/// Of whom, before the signature is known to hold. Errors: malformed, unsupported.
[[nodiscard]] Result<RevocationReport> claimed_report(const SignedReport& signed_report);

/// Errors: forged, malformed, unsupported.
[[nodiscard]] Result<RevocationReport> open_report(const SignedReport& signed_report,
                                                   BytesView signature_key);

}  // namespace cercle::identity
