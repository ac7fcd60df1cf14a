// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Labelled cryptography: the few functions through which everything in MLS is signed, hashed,
// derived and encrypted, each use under a label of its own (RFC 9420 sections 5.1, 5.2, 8, 9),
// so that nothing made for one purpose is accepted for another.

#include <cstdint>
#include <string_view>

#include "base/random.h"
#include "codec/tls.h"
#include "crypto/hkdf.h"
#include "mls/suite.h"

namespace cercle::mls {

/// "MLS 1.0 " is put before every label here. Errors: none; invalid_key, forged.
[[nodiscard]] Bytes sign_with_label(const crypto::SigningKey& key,
                                    std::string_view label,
                                    BytesView content);
[[nodiscard]] Result<void> verify_with_label(const Suite& suite,
                                             BytesView public_key,
                                             std::string_view label,
                                             BytesView content,
                                             BytesView signature);

/// struct { opaque kem_output<V>; opaque ciphertext<V>; } HPKECiphertext;
struct HpkeCiphertext {
    Bytes kem_output;
    Bytes ciphertext;

    auto fields(this auto& self) { return std::tie(self.kem_output, self.ciphertext); }
};

/// EncryptWithLabel for any number of receivers of one label and context, which are hashed once.
class LabelledEncryption {
  public:
    LabelledEncryption(const Suite& suite, std::string_view label, BytesView context);

    /// Errors: invalid_key.
    [[nodiscard]] Result<HpkeCiphertext> to(BytesView public_key,
                                            BytesView plaintext,
                                            Random& random) const;

  private:
    crypto::HpkeInfo info_;
};

/// The same for one. Errors: invalid_key.
[[nodiscard]] Result<HpkeCiphertext> encrypt_with_label(const Suite& suite,
                                                        BytesView public_key,
                                                        std::string_view label,
                                                        BytesView context,
                                                        BytesView plaintext,
                                                        Random& random);
/// Errors: forged.
[[nodiscard]] Result<Secret> decrypt_with_label(const Suite& suite,
                                                const crypto::KemKey& key,
                                                std::string_view label,
                                                BytesView context,
                                                const HpkeCiphertext& sealed);

/// RefHash(label, value); this label is taken as it is.
[[nodiscard]] Bytes ref_hash(const Suite& suite, std::string_view label, BytesView value);

[[nodiscard]] Secret expand_with_label(const Suite& suite,
                                       const Secret& secret,
                                       std::string_view label,
                                       BytesView context,
                                       std::size_t size);
/// DeriveSecret: no context, the size of a digest.
[[nodiscard]] Secret derive_secret(const Suite& suite,
                                   const Secret& secret,
                                   std::string_view label);
/// DeriveTreeSecret (section 9).
[[nodiscard]] Secret derive_tree_secret(const Suite& suite,
                                        const Secret& secret,
                                        std::string_view label,
                                        std::uint32_t generation,
                                        std::size_t size);

/// The three of the above for what one secret gives several of: it is taken in once.
class Derivation {
  public:
    Derivation(const Suite& suite, const Secret& secret);

    [[nodiscard]] Secret expand(std::string_view label, BytesView context, std::size_t size) const;
    [[nodiscard]] Secret derive(std::string_view label) const;
    [[nodiscard]] Secret derive_in_tree(std::string_view label,
                                        std::uint32_t generation,
                                        std::size_t size) const;

  private:
    const Suite& suite_;
    crypto::HkdfKey key_;
};

/// KDF.Extract
[[nodiscard]] Secret extract(const Suite& suite, const Secret& salt, const Secret& input);

/// MAC(key, message)
[[nodiscard]] Bytes mac(const Suite& suite, const Secret& key, BytesView message);

/// `size` unpredictable bytes.
[[nodiscard]] Secret random_secret(std::size_t size, Random& random);

}  // namespace cercle::mls
