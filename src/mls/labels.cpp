// SPDX-License-Identifier: AGPL-3.0-or-later
#include "mls/labels.h"

namespace cercle::mls {
namespace {

constexpr std::string_view prefix = "MLS 1.0 ";

void write_label(codec::Writer& writer, std::string_view label) {
    writer.length(prefix.size() + label.size());
    writer.raw(view_of(prefix));
    writer.raw(view_of(label));
}

// struct { opaque label<V> = "MLS 1.0 " + Label; opaque content<V> = Content; } SignContent;
// and the same with a context: EncryptContext. This is all of it that stands before the content.
Bytes before_content(std::string_view label, BytesView content) {
    codec::Writer writer;
    write_label(writer, label);
    writer.length(content.size());
    return std::move(writer).take();
}

Bytes labelled(std::string_view label, BytesView content) {
    const Bytes before = before_content(label, content);
    codec::Writer writer = codec::Writer::with_room(before.size() + content.size());
    writer.raw(before);
    writer.raw(content);
    return std::move(writer).take();
}

// struct { uint16 length; opaque label<V>; opaque context<V>; } KDFLabel;
Bytes kdf_label(std::string_view label, BytesView context, std::size_t size) {
    codec::Writer writer;
    writer.number(static_cast<std::uint16_t>(size));
    write_label(writer, label);
    writer.opaque(context);
    return std::move(writer).take();
}

}  // namespace

Bytes sign_with_label(const crypto::SigningKey& key, std::string_view label, BytesView content) {
    return key.sign(labelled(label, content));
}

Result<void> verify_with_label(const Suite& suite,
                               BytesView public_key,
                               std::string_view label,
                               BytesView content,
                               BytesView signature) {
    return crypto::verify(suite.signature, public_key, labelled(label, content), signature);
}

LabelledEncryption::LabelledEncryption(const Suite& suite,
                                       std::string_view label,
                                       BytesView context)
    : info_(suite.hpke, {before_content(label, context), context}) {}

Result<HpkeCiphertext> LabelledEncryption::to(BytesView public_key,
                                              BytesView plaintext,
                                              Random& random) const {
    TRY(auto made, crypto::hpke_encrypt(info_, public_key, {}, plaintext, random));
    return HpkeCiphertext{std::move(made.encapsulation), std::move(made.ciphertext)};
}

Result<HpkeCiphertext> encrypt_with_label(const Suite& suite,
                                          BytesView public_key,
                                          std::string_view label,
                                          BytesView context,
                                          BytesView plaintext,
                                          Random& random) {
    return LabelledEncryption(suite, label, context).to(public_key, plaintext, random);
}

Result<Secret> decrypt_with_label(const Suite& suite,
                                  const crypto::KemKey& key,
                                  std::string_view label,
                                  BytesView context,
                                  const HpkeCiphertext& sealed) {
    const crypto::HpkeInfo info(suite.hpke, {before_content(label, context), context});
    return crypto::hpke_decrypt(info, key, {}, sealed.kem_output, sealed.ciphertext);
}

Bytes ref_hash(const Suite& suite, std::string_view label, BytesView value) {
    // struct { opaque label<V>; opaque value<V>; } RefHashInput;
    codec::Writer writer;
    writer.opaque(view_of(label));
    writer.opaque(value);
    return crypto::hash(suite.hash(), {writer.bytes()});
}

Secret expand_with_label(const Suite& suite,
                         const Secret& secret,
                         std::string_view label,
                         BytesView context,
                         std::size_t size) {
    return crypto::hkdf_expand(
        suite.hash(), secret.reveal(), kdf_label(label, context, size), size);
}

Secret derive_secret(const Suite& suite, const Secret& secret, std::string_view label) {
    return expand_with_label(suite, secret, label, {}, suite.digest_size());
}

Secret derive_tree_secret(const Suite& suite,
                          const Secret& secret,
                          std::string_view label,
                          std::uint32_t generation,
                          std::size_t size) {
    return expand_with_label(suite, secret, label, codec::encode(generation), size);
}

Derivation::Derivation(const Suite& suite, const Secret& secret)
    : suite_(suite),
      key_(suite.hash(), secret.reveal()) {}

Secret Derivation::expand(std::string_view label, BytesView context, std::size_t size) const {
    return key_.expand(kdf_label(label, context, size), size);
}

Secret Derivation::derive(std::string_view label) const {
    return expand(label, {}, suite_.digest_size());
}

Secret Derivation::derive_in_tree(std::string_view label,
                                  std::uint32_t generation,
                                  std::size_t size) const {
    return expand(label, codec::encode(generation), size);
}

Secret extract(const Suite& suite, const Secret& salt, const Secret& input) {
    return crypto::hkdf_extract(suite.hash(), salt.reveal(), input.reveal());
}

Bytes mac(const Suite& suite, const Secret& key, BytesView message) {
    return crypto::hmac(suite.hash(), key.reveal(), message);
}

Secret random_secret(std::size_t size, Random& random) {
    Secret secret(size);
    random.fill(secret.expose());
    return secret;
}

}  // namespace cercle::mls
