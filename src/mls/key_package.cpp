// SPDX-License-Identifier: AGPL-3.0-or-later
#include "mls/key_package.h"

#include "mls/any_time.h"
#include "mls/framing.h"
#include "mls/labels.h"
#include "mls/saved_package.h"

namespace cercle::mls {
namespace {

constexpr std::string_view label = "KeyPackageTBS";

BytesView without_signature(BytesView encoded, const Bytes& signature) {
    return encoded.first(encoded.size() - codec::encoded_size(signature));
}

}  // namespace

Result<Bytes> key_package_ref(const KeyPackage& package) {
    TRY(const Suite* const suite, find_suite(package->suite));
    return ref_hash(*suite, "MLS 1.0 KeyPackage Reference", package.bytes());
}

Result<void> check_length(const Lifetime& lifetime, std::optional<std::chrono::seconds> longest) {
    if (lifetime.not_after < lifetime.not_before) {
        return fail(Code::lifetime, "a lifetime that ends before it begins");
    }
    // "reject any LeafNode where the total lifetime is longer than this duration".
    if (longest &&
        lifetime.not_after - lifetime.not_before > static_cast<std::uint64_t>(longest->count())) {
        return fail(Code::lifetime_too_long, "a leaf that wants to live longer than is accepted");
    }
    return {};
}

Result<VerifiedKeyPackage> VerifiedKeyPackage::verify(KeyPackage package,
                                                      const Surroundings& surroundings) {
    if (package->version != ProtocolVersion::Mls10) {
        return fail(Code::version_unsupported, "a key package of another protocol version");
    }
    TRY(const Suite* const suite, find_suite(package->suite));
    const Leaf& leaf = package->leaf;
    TRY_VOID(check_leaf(*suite, leaf, LeafNodeSource::KeyPackage, {}));
    // "Verify that the value of init_key is different from the value of encryption_key."
    if (package->init_key == leaf->encryption_key) {
        return fail(Code::init_key_reused, "a key package whose two keys are one");
    }
    if (package->init_key.size() != crypto::kem_public_key_size(suite->hpke.kem)) {
        return fail(Code::invalid_key, "an init key of the wrong size");
    }
    TRY_VOID(check_unique(package->extensions));
    for (const Extension& extension : package->extensions) {
        if (!leaf->capabilities.supports(extension.type)) {
            return fail(Code::extension_unlisted, "a package extension missing in capabilities");
        }
    }
    TRY_VOID(check_length(leaf->origin.lifetime, surroundings.longest_lifetime));
    if (surroundings.now != any_time && !leaf->origin.lifetime.contains(surroundings.now)) {
        return fail(Code::lifetime, "a key package before or after its time");
    }
    TRY_VOID(verify_leaf(*suite, leaf, {}));
    if (!verify_with_label(*suite,
                           leaf->signature_key,
                           label,
                           without_signature(package.bytes(), package->signature),
                           package->signature)) {
        return fail(Code::key_package_signature, "a key package whose signature does not verify");
    }
    TRY_VOID(surroundings.judge.judge(leaf->credential, leaf->signature_key));
    TRY(Bytes ref, key_package_ref(package));
    return VerifiedKeyPackage(std::move(package), std::move(ref));
}

Result<VerifiedKeyPackage> VerifiedKeyPackage::from_message(BytesView mls_message,
                                                            const Surroundings& surroundings) {
    TRY(auto message, codec::decode<MlsMessage>(mls_message));
    auto* const package = std::get_if<KeyPackage>(&message.content);
    if (package == nullptr) return fail(Code::wire_format, "a message that is no key package");
    return verify(std::move(*package), surroundings);
}

Result<KeyPackageBundle> KeyPackageBundle::of(KeyPackage package,
                                              crypto::KemKey init_key,
                                              crypto::KemKey leaf_key) {
    if (package->init_key != init_key.public_key() ||
        package->leaf->encryption_key != leaf_key.public_key()) {
        return fail(Code::bundle_mismatch, "private keys that are not this key package's");
    }
    TRY(Bytes ref, key_package_ref(package));
    return KeyPackageBundle(
        std::move(package), std::move(ref), std::move(init_key), std::move(leaf_key));
}

Bytes KeyPackageBundle::message() const {
    return codec::encode(MlsMessage{package_});
}

Saved KeyPackageBundle::save() const {
    const SavedPackageKeys secrets{init_key_.secret().copy(), leaf_key_.secret().copy()};
    return {codec::encode(SavedPackage{saved_version, package_}), codec::encode_secret(secrets)};
}

Result<KeyPackageBundle> KeyPackageBundle::load(BytesView public_part, const Secret& secret_part) {
    TRY(auto open, codec::decode<SavedPackage>(public_part));
    TRY(const auto secrets, codec::decode<SavedPackageKeys>(secret_part.reveal()));
    TRY(const Suite* const suite, find_suite(open.package->suite));
    TRY(auto init_key, crypto::KemKey::from_secret(suite->hpke.kem, secrets.init_key.reveal()));
    TRY(auto leaf_key, crypto::KemKey::from_secret(suite->hpke.kem, secrets.leaf_key.reveal()));
    return of(std::move(open.package), std::move(init_key), std::move(leaf_key));
}

KeyPackageBundle make_key_package(const Suite& suite,
                                  const crypto::SigningKey& key,
                                  const Profile& profile,
                                  Lifetime lifetime,
                                  Random& random) {
    auto init_key = crypto::KemKey::generate(suite.hpke.kem, random);
    auto leaf_key = crypto::KemKey::generate(suite.hpke.kem, random);
    KeyPackageFields fields;
    fields.suite = suite.id;
    fields.init_key = init_key.public_key();
    LeafNode leaf = describe(profile, leaf_key.public_key());
    leaf.origin = {LeafNodeSource::KeyPackage, lifetime, {}};
    fields.leaf = sign_leaf(std::move(leaf), {}, key);
    const Bytes encoded = codec::encode(fields);
    fields.signature = sign_with_label(key, label, without_signature(encoded, fields.signature));
    KeyPackage package(std::move(fields));
    Bytes ref = ref_hash(suite, "MLS 1.0 KeyPackage Reference", package.bytes());
    return KeyPackageBundle(
        std::move(package), std::move(ref), std::move(init_key), std::move(leaf_key));
}

LeafNode describe(const Profile& profile, Bytes encryption_key) {
    LeafNode leaf;
    leaf.encryption_key = std::move(encryption_key);
    leaf.credential = profile.credential;
    std::vector<ExtensionType> understood = profile.understood;
    for (const Extension& extension : profile.leaf_extensions)
        understood.push_back(extension.type);
    Capabilities& capabilities = leaf.capabilities;
    capabilities = own_capabilities(understood);
    const Capabilities& claimed = profile.claimed;
    const auto add = [](auto& list, const auto& more) {
        list.insert(list.end(), more.begin(), more.end());
    };
    add(capabilities.versions, claimed.versions);
    add(capabilities.suites, claimed.suites);
    add(capabilities.extensions, claimed.extensions);
    add(capabilities.proposals, claimed.proposals);
    add(capabilities.credentials, claimed.credentials);
    leaf.extensions = profile.leaf_extensions;
    return leaf;
}

}  // namespace cercle::mls
