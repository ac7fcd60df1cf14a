// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// HPKE in base mode (RFC 9180), over our own KEMs, since OpenSSL's cannot take X-Wing.

#include <cstddef>
#include <cstdint>
#include <initializer_list>

#include "crypto/aead.h"
#include "crypto/hash.h"
#include "crypto/kem.h"

namespace cercle::crypto {

struct HpkeSuite {
    KemAlgorithm kem;
    HashAlgorithm kdf;
    AeadAlgorithm aead;
};

/// The info of RFC 9180 section 5.1, hashed: once for all who are sent something under it. Its
/// parts stand one after the other.
class HpkeInfo {
  public:
    HpkeInfo(const HpkeSuite& suite, std::initializer_list<BytesView> info);

    [[nodiscard]] const HpkeSuite& suite() const { return suite_; }

    /// key_schedule_context = concat(mode, psk_id_hash, info_hash), in base mode.
    [[nodiscard]] const Bytes& schedule_context() const { return schedule_context_; }

  private:
    HpkeSuite suite_;
    Bytes schedule_context_;
};

struct HpkeCiphertext {
    Bytes encapsulation;
    Bytes ciphertext;
};

/// Single-shot encryption, RFC 9180 section 6.1. Errors: invalid_key.
[[nodiscard]] Result<HpkeCiphertext> hpke_encrypt(const HpkeSuite& suite,
                                                  BytesView public_key,
                                                  BytesView info,
                                                  BytesView associated,
                                                  BytesView plaintext,
                                                  Random& random);

[[nodiscard]] Result<HpkeCiphertext> hpke_encrypt(const HpkeInfo& info,
                                                  BytesView public_key,
                                                  BytesView associated,
                                                  BytesView plaintext,
                                                  Random& random);

/// Errors: forged, whatever was wrong.
[[nodiscard]] Result<Secret> hpke_decrypt(const HpkeSuite& suite,
                                          const KemKey& key,
                                          BytesView info,
                                          BytesView associated,
                                          BytesView encapsulation,
                                          BytesView ciphertext);

[[nodiscard]] Result<Secret> hpke_decrypt(const HpkeInfo& info,
                                          const KemKey& key,
                                          BytesView associated,
                                          BytesView encapsulation,
                                          BytesView ciphertext);

struct HpkeExported {
    Bytes encapsulation;
    Secret exported;
};

/// Secret export, RFC 9180 section 6.2: what an external commit needs.
[[nodiscard]] Result<HpkeExported> hpke_send_export(const HpkeSuite& suite,
                                                    BytesView public_key,
                                                    BytesView info,
                                                    BytesView context,
                                                    std::size_t size,
                                                    Random& random);
[[nodiscard]] Result<Secret> hpke_receive_export(const HpkeSuite& suite,
                                                 const KemKey& key,
                                                 BytesView info,
                                                 BytesView encapsulation,
                                                 BytesView context,
                                                 std::size_t size);

}  // namespace cercle::crypto
