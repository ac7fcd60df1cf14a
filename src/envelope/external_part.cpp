// SPDX-License-Identifier: AGPL-3.0-or-later
#include "envelope/external_part.h"

#include <algorithm>
#include <utility>

namespace cercle::envelope {
namespace {

namespace cbor = codec::cbor;

// ExternalPart = [ disposition, language, cardinality, contentType, url, expires, size, encAlg,
// key,
//                  nonce, aad, hashAlg, contentHash, description, filename ]
constexpr std::size_t external_fields = 15;
constexpr std::int64_t disposition_attachment = 6;
constexpr std::int64_t cardinality_external = 2;
constexpr std::uint64_t tag_uri = 32;
constexpr std::string_view scheme = "cercle-blob:";
// Of the range for private use: our chunks, version 1. The registry knows no AEAD of many pieces.
constexpr std::int64_t chunked_aes_256_gcm = 0xf001;
constexpr std::int64_t hash_sha256 = 1;

template <class T>
const T* as(const cbor::Value& value) {
    return std::get_if<T>(&value.kind);
}

bool is(const cbor::Value& value, std::int64_t wanted) {
    const auto* number = as<std::int64_t>(value);
    return number != nullptr && *number == wanted;
}

std::optional<protocol::BlobId> read_url(const cbor::Value& value) {
    const auto* tagged = as<cbor::Tagged>(value);
    if (tagged == nullptr || tagged->tag != tag_uri) return std::nullopt;
    const auto* url = as<std::string>(tagged->content.front());
    if (url == nullptr || !url->starts_with(scheme)) return std::nullopt;
    return protocol::BlobId::from_hex(std::string_view(*url).substr(scheme.size()));
}

template <class Wanted>
std::optional<Wanted> read_number(const cbor::Value& value, std::uint64_t most) {
    const auto* number = as<std::int64_t>(value);
    if (number == nullptr || *number < 0) return std::nullopt;
    const auto positive = static_cast<std::uint64_t>(*number);
    if (positive > most) return std::nullopt;
    return static_cast<Wanted>(positive);
}

}  // namespace

cbor::Array external_part(const Attachment& attachment) {
    cbor::Tagged url{tag_uri, {{std::string(scheme) + attachment.blob.hex()}}};
    return {{disposition_attachment},
            {std::string()},
            {cardinality_external},
            {attachment.type},
            {std::move(url)},
            {static_cast<std::int64_t>(attachment.expires)},
            {static_cast<std::int64_t>(attachment.size)},
            {chunked_aes_256_gcm},
            {to_bytes(attachment.key.reveal())},
            {Bytes{}},
            {Bytes{}},
            {hash_sha256},
            {to_bytes(attachment.sha256)},
            {std::string()},
            {attachment.name}};
}

std::optional<Attachment> read_external_part(const cbor::Array& part) {
    if (part.size() != external_fields || !is(part[2], cardinality_external) ||
        !is(part[7], chunked_aes_256_gcm) || !is(part[11], hash_sha256)) {
        return std::nullopt;
    }
    const auto blob = read_url(part[4]);
    const auto expires = read_number<std::uint32_t>(part[5], 0xffffffff);
    const auto size = read_number<std::uint64_t>(part[6], largest_file);
    const auto* type = as<std::string>(part[3]);
    const auto* key = as<Bytes>(part[8]);
    const auto* hash = as<Bytes>(part[12]);
    const auto* name = as<std::string>(part[14]);
    if (!blob || !expires || !size || type == nullptr || key == nullptr || hash == nullptr ||
        name == nullptr || key->size() != file_key_size) {
        return std::nullopt;
    }
    Attachment attachment;
    if (hash->size() != attachment.sha256.size()) return std::nullopt;
    attachment.blob = *blob;
    attachment.key = Secret::copy_of(*key);
    attachment.size = *size;
    std::ranges::copy(*hash, attachment.sha256.begin());
    attachment.name = *name;
    attachment.type = *type;
    attachment.expires = *expires;
    return attachment;
}

}  // namespace cercle::envelope
