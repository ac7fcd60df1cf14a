// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Passport: what a device certificate says, once it has been believed.
//
// A circle has one X.509 root, whose keys the officer holds: Ed25519, which certifies devices, and
// ML-DSA-65 beside it. A device's certificate names pseudonymous ids by URIs and certifies the
// device's MLS signature key; human names are in the directory. Certificates travel in MLS
// credentials of type x509, and are of Ed25519 alone; that a device counts, its place in the
// transparency log says, which comes with pages that both keys have signed.

#include <cstdint>
#include <string>

#include "base/clock.h"
#include "crypto/certificate.h"
#include "crypto/sign.h"
#include "identity/root_signature.h"
#include "identity/words.h"

namespace cercle::identity {

enum class Role : std::uint8_t { Member = 0, Officer = 1 };

struct Passport {
    MemberId member;
    DeviceId device;
    Role role = Role::Member;
    Bytes signature_key;
};

/// As certificates name a member.
[[nodiscard]] std::string member_uri(MemberId member);

/// The circle's authority as every device knows it: its root certificate, in which both keys are.
class Root {
  public:
    /// Errors: certificate_invalid, unsupported (without a second key).
    [[nodiscard]] static Result<Root> from(BytesView der);

    [[nodiscard]] CircleId circle() const { return circle_; }

    [[nodiscard]] const crypto::Certificate& certificate() const { return certificate_; }

    /// Errors: certificate_invalid, certificate_untrusted, certificate_expired.
    [[nodiscard]] Result<Passport> judge(BytesView device_certificate, WallTime at) const;

    /// The same without its dates: for who is a member already. Time, which a relay or a broken
    /// clock may state wrongly, must not part members from each other.
    [[nodiscard]] Result<Passport> recognise(BytesView device_certificate) const;

    /// A signature of the authority over `content`, under a label of its own: of both keys.
    /// Errors: forged.
    [[nodiscard]] Result<void> verify(std::string_view label,
                                      BytesView content,
                                      const RootSignature& signature) const;

  private:
    Root(crypto::Certificate certificate, CircleId circle);

    crypto::Certificate certificate_;
    CircleId circle_;
};

/// The circle's authority as the officer holds it.
class Authority {
  public:
    [[nodiscard]] static Result<Authority> found(WallTime now, Random& random);
    /// From what root().certificate().der and secret() gave. Errors: those of Root::from,
    /// store_corrupt (they do not fit).
    [[nodiscard]] static Result<Authority> from(BytesView root_der, BytesView secret);

    [[nodiscard]] const Root& root() const { return root_; }

    /// Both private keys, for the vault: 64 bytes.
    [[nodiscard]] Secret secret() const;

    /// A certificate for one year.
    [[nodiscard]] Result<Bytes> certify(const Passport& passport,
                                        WallTime now,
                                        Random& random) const;

    /// The only way in which the authority signs, but for certificates.
    [[nodiscard]] RootSignature sign(std::string_view label, BytesView content) const;

  private:
    Authority(crypto::SigningKey key, crypto::SigningKey second_key, Root root);

    crypto::SigningKey key_;
    crypto::SigningKey second_key_;
    Root root_;
};

}  // namespace cercle::identity
