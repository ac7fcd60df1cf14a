// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Passport: what a device certificate says, once it has been believed.
//
// A circle has one X.509 root (Ed25519), whose key the officer holds. A device's certificate
// names pseudonymous ids by URIs and certifies the device's MLS signature key; human names are
// in the directory. Certificates travel in MLS credentials of type x509.

#include <cstdint>
#include <string>

#include "base/clock.h"
#include "crypto/certificate.h"
#include "crypto/sign.h"
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

/// The circle's authority as every device knows it: its root certificate.
class Root {
  public:
    /// Errors: certificate_invalid.
    [[nodiscard]] static Result<Root> from(BytesView der);

    [[nodiscard]] CircleId circle() const { return circle_; }

    [[nodiscard]] const crypto::Certificate& certificate() const { return certificate_; }

    /// Errors: certificate_invalid, certificate_untrusted, certificate_expired.
    [[nodiscard]] Result<Passport> judge(BytesView device_certificate, WallTime at) const;

    /// The same without its dates: for who is a member already. Time, which a relay or a broken
    /// clock may state wrongly, must not part members from each other.
    [[nodiscard]] Result<Passport> recognise(BytesView device_certificate) const;

    /// A signature of the authority over `content`, under a label of its own.
    /// Errors: forged.
    [[nodiscard]] Result<void> verify(std::string_view label,
                                      BytesView content,
                                      BytesView signature) const;

  private:
    Root(crypto::Certificate certificate, CircleId circle);

    crypto::Certificate certificate_;
    CircleId circle_;
};

/// The circle's authority as the officer holds it.
class Authority {
  public:
    [[nodiscard]] static Result<Authority> found(WallTime now, Random& random);
    /// From what key().secret() and root().certificate().der gave.
    [[nodiscard]] static Result<Authority> from(BytesView root_der, BytesView secret);

    [[nodiscard]] const Root& root() const { return root_; }

    [[nodiscard]] const crypto::SigningKey& key() const { return key_; }

    /// A certificate for one year.
    [[nodiscard]] Result<Bytes> certify(const Passport& passport,
                                        WallTime now,
                                        Random& random) const;

    [[nodiscard]] Bytes sign(std::string_view label, BytesView content) const;

  private:
    Authority(crypto::SigningKey key, Root root);

    crypto::SigningKey key_;
    Root root_;
};

}  // namespace cercle::identity
