// SPDX-License-Identifier: AGPL-3.0-or-later
#include "mls/leaf_node.h"

#include <algorithm>
#include <chrono>

#include "mls/labels.h"

namespace cercle::mls {
namespace {

constexpr std::string_view label = "LeafNodeTBS";

std::uint64_t seconds_of(WallTime time) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
    return seconds < 0 ? 0 : static_cast<std::uint64_t>(seconds);
}

// LeafNodeTBS: the leaf without its signature, and then
//     select (LeafNodeTBS.leaf_node_source) {
//         case key_package: struct{};
//         case update:      opaque group_id<V>; uint32 leaf_index;
//         case commit:      opaque group_id<V>; uint32 leaf_index;
//     };
Bytes to_be_signed(BytesView unsigned_leaf, LeafNodeSource source, const LeafPlace& place) {
    constexpr std::size_t longest_length = 4;
    codec::Writer writer = codec::Writer::with_room(unsigned_leaf.size() + longest_length +
                                                    place.group_id.size() + sizeof(place.index));
    writer.raw(unsigned_leaf);
    if (source != LeafNodeSource::KeyPackage) {
        writer.opaque(place.group_id);
        codec::write(writer, place.index);
    }
    return std::move(writer).take();
}

// The signature is the last field, so what precedes it is a prefix of the original bytes.
BytesView without_signature(BytesView encoded, const Bytes& signature) {
    return encoded.first(encoded.size() - codec::encoded_size(signature));
}

}  // namespace

Lifetime Lifetime::of(WallTime from, WallTime until) {
    return {seconds_of(from), seconds_of(until)};
}

bool Lifetime::contains(WallTime time) const {
    const std::uint64_t now = seconds_of(time);
    return not_before <= now && now <= not_after;
}

void LeafOrigin::encode_to(codec::Writer& writer) const {
    codec::write(writer, source);
    if (source == LeafNodeSource::KeyPackage) codec::write(writer, lifetime);
    if (source == LeafNodeSource::Commit) codec::write(writer, parent_hash);
}

Result<LeafOrigin> LeafOrigin::decode_from(codec::Reader& reader) {
    LeafOrigin origin;
    TRY(origin.source, codec::read<LeafNodeSource>(reader));
    switch (origin.source) {
        case LeafNodeSource::KeyPackage: {
            TRY(origin.lifetime, codec::read<Lifetime>(reader));
            return origin;
        }
        case LeafNodeSource::Update:
            return origin;
        case LeafNodeSource::Commit: {
            TRY(origin.parent_hash, codec::read<Bytes>(reader));
            return origin;
        }
    }
    return fail(Code::malformed, "a leaf from no known source");
}

Leaf sign_leaf(LeafNode node, const LeafPlace& place, const crypto::SigningKey& key) {
    node.signature_key = key.public_key();
    node.signature.clear();
    const Bytes encoded = codec::encode(node);
    node.signature = sign_with_label(
        key,
        label,
        to_be_signed(without_signature(encoded, node.signature), node.origin.source, place));
    return Leaf(std::move(node));
}

Result<void> verify_leaf(const Suite& suite, const Leaf& leaf, const LeafPlace& place) {
    const Bytes content =
        to_be_signed(without_signature(leaf.bytes(), leaf->signature), leaf->origin.source, place);
    if (!verify_with_label(suite, leaf->signature_key, label, content, leaf->signature)) {
        return fail(Code::leaf_signature, "a leaf whose signature does not verify");
    }
    return {};
}

Result<void> check_leaf(const Suite& suite,
                        const Leaf& leaf,
                        LeafNodeSource expected,
                        const Extensions& context) {
    const Capabilities& can = leaf->capabilities;
    // "Verify that the leaf_node_source field is set to" what the place demands.
    if (leaf->origin.source != expected) {
        return fail(Code::leaf_source, "a leaf made for another purpose");
    }
    if (leaf->encryption_key.size() != crypto::kem_public_key_size(suite.hpke.kem)) {
        return fail(Code::invalid_key, "a leaf's encryption key of the wrong size");
    }
    if (!can.supports(ProtocolVersion::Mls10)) {
        return fail(Code::version_unsupported, "a leaf that does not support MLS 1.0");
    }
    if (!can.supports(suite.id)) {
        return fail(Code::suite_unsupported, "a leaf that does not support the group's suite");
    }
    // "The credential type [...] MUST be included in the capabilities" (section 7.2).
    if (!can.supports(leaf->credential.type())) {
        return fail(Code::credential_type_unsupported,
                    "a leaf that does not support its own credential's type");
    }
    TRY_VOID(check_unique(leaf->extensions));
    // "verifying that the ID for each extension in the extensions field is listed in the
    // capabilities.extensions field of the LeafNode."
    for (const Extension& extension : leaf->extensions) {
        if (!can.supports(extension.type)) {
            return fail(Code::extension_unlisted, "a leaf extension missing in its capabilities");
        }
    }
    return check_fits(can, context);
}

}  // namespace cercle::mls
