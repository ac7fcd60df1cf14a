// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Key packages: how a device can be added while it is away (RFC 9420 section 10).
//
// On the trip: made by a device and deposited at the relay; fetched and verified by whoever adds
// it; its private half consumed when the Welcome arrives (group_join.cpp).
//
// A KeyPackage is what arrived; a VerifiedKeyPackage can go into a group. Nothing else can.

#include <optional>
#include <vector>

#include "base/random.h"
#include "mls/leaf_node.h"
#include "mls/surroundings.h"
#include "mls/wire_format.h"

namespace cercle::mls {

/// struct { ProtocolVersion version; CipherSuite cipher_suite; HPKEPublicKey init_key;
/// LeafNode leaf_node; Extension extensions<V>; opaque signature<V>; } KeyPackage;
struct KeyPackageFields {
    ProtocolVersion version = ProtocolVersion::Mls10;
    SuiteId suite{};
    Bytes init_key;
    Leaf leaf;
    Extensions extensions;
    Bytes signature;

    auto fields(this auto& self) {
        return std::tie(
            self.version, self.suite, self.init_key, self.leaf, self.extensions, self.signature);
    }
};

using KeyPackage = Original<KeyPackageFields>;

/// The hash that names a key package (section 5.2). Errors: suite_unknown.
[[nodiscard]] Result<Bytes> key_package_ref(const KeyPackage& package);

/// Section 7.2: the application's limit. Errors: lifetime (ends before it begins),
/// lifetime_too_long.
[[nodiscard]] Result<void> check_length(const Lifetime& lifetime,
                                        std::optional<std::chrono::seconds> longest);

class VerifiedKeyPackage {
  public:
    /// All of section 10.1. Errors: suite_unknown, version_unsupported, key_package_signature,
    /// leaf_signature, init_key_reused, lifetime, lifetime_too_long, and what check_leaf() and the
    /// judge say.
    [[nodiscard]] static Result<VerifiedKeyPackage> verify(KeyPackage package,
                                                           const Surroundings& surroundings);
    /// From an MLSMessage. Errors: also malformed, trailing_bytes, wire_format.
    [[nodiscard]] static Result<VerifiedKeyPackage> from_message(BytesView mls_message,
                                                                 const Surroundings& surroundings);

    [[nodiscard]] const KeyPackage& package() const { return package_; }

    [[nodiscard]] const Leaf& leaf() const { return package_->leaf; }

    [[nodiscard]] const Credential& credential() const { return leaf()->credential; }

    [[nodiscard]] const Bytes& ref() const { return ref_; }

  private:
    VerifiedKeyPackage(KeyPackage package, Bytes ref)
        : package_(std::move(package)),
          ref_(std::move(ref)) {}

    KeyPackage package_;
    Bytes ref_;
};

/// The version of what save() gives, of groups, staged commits and key packages alike
/// (docs/spec/mls-profile.md).
inline constexpr std::uint16_t saved_version = 3;

/// Bytes for a store: what may be seen, and what must be kept secret.
struct Saved {
    Bytes public_part;
    Secret secret_part;
};

/// A key package of our own with its private keys. The signature key lives elsewhere.
class KeyPackageBundle {
  public:
    /// The bundle of parts that belong together. Errors: bundle_mismatch.
    [[nodiscard]] static Result<KeyPackageBundle> of(KeyPackage package,
                                                     crypto::KemKey init_key,
                                                     crypto::KemKey leaf_key);

    [[nodiscard]] const KeyPackage& package() const { return package_; }

    [[nodiscard]] const Bytes& ref() const { return ref_; }

    [[nodiscard]] const crypto::KemKey& init_key() const { return init_key_; }

    [[nodiscard]] const crypto::KemKey& leaf_key() const { return leaf_key_; }

    /// The MLSMessage to deposit.
    [[nodiscard]] Bytes message() const;

    [[nodiscard]] Saved save() const;
    /// Errors: store_corrupt, unsupported (a version of the format).
    [[nodiscard]] static Result<KeyPackageBundle> load(BytesView public_part,
                                                       const Secret& secret_part);

  private:
    friend KeyPackageBundle make_key_package(
        const Suite&, const crypto::SigningKey&, const struct Profile&, Lifetime, Random&);

    KeyPackageBundle(KeyPackage package,
                     Bytes ref,
                     crypto::KemKey init_key,
                     crypto::KemKey leaf_key)
        : package_(std::move(package)),
          ref_(std::move(ref)),
          init_key_(std::move(init_key)),
          leaf_key_(std::move(leaf_key)) {}

    KeyPackage package_;
    Bytes ref_;
    crypto::KemKey init_key_;
    crypto::KemKey leaf_key_;
};

/// What a device says of itself in its leaf.
struct Profile {
    Credential credential;
    Extensions leaf_extensions;
    /// Extension types, in leaves and group contexts, that the application understands beyond
    /// the RFC's; leaf_extensions' own are included by themselves.
    std::vector<ExtensionType> understood;
    /// What the leaf claims to support beyond that: GREASE (section 13.5), so that others show
    /// whether they ignore what they do not know.
    Capabilities claimed = {};
};

/// A leaf that says so, without origin and signature.
[[nodiscard]] LeafNode describe(const Profile& profile, Bytes encryption_key);

[[nodiscard]] KeyPackageBundle make_key_package(const Suite& suite,
                                                const crypto::SigningKey& key,
                                                const Profile& profile,
                                                Lifetime lifetime,
                                                Random& random);

}  // namespace cercle::mls
