// SPDX-License-Identifier: AGPL-3.0-or-later
#include "envelope/attachment.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/check.h"
#include "base/utf8.h"
#include "crypto/aead.h"
#include "crypto/hkdf.h"
#include "envelope/padding.h"

namespace cercle::envelope {
namespace {

constexpr auto algorithm = crypto::AeadAlgorithm::Aes256Gcm;
constexpr std::string_view chunk_label = "Cercle 1 attachment chunk";
constexpr std::string_view key_label = "Cercle 1 attachment chunk key";
constexpr std::string_view token_label = "Cercle 1 attachment get token";

static_assert(protocol::chunk_size == chunk_room + crypto::aead_tag_size);
static_assert(largest_file / chunk_room == protocol::most_chunks);

/// The file key is random and of full strength: RFC 5869 section 3.3 lets it go without extracting.
Secret derive(const Secret& file_key, std::string_view label) {
    return crypto::hkdf_expand(
        crypto::HashAlgorithm::Sha256, file_key.reveal(), view_of(label), file_key_size);
}

/// The STREAM construction: the number, and whether it is the last one. So no chunk passes for
/// another, and a file that was cut off at a chunk's end does not pass for a whole one. The nonce
/// needs no randomness: a key closes one file.
std::array<std::uint8_t, crypto::aead_nonce_size> nonce_of(protocol::ChunkNumber number,
                                                           std::uint32_t chunks) {
    std::array<std::uint8_t, crypto::aead_nonce_size> nonce{};
    for (std::size_t at = 0; at < 4; ++at) {
        nonce[10 - at] = static_cast<std::uint8_t>(number.value >> (8 * at));
    }
    nonce[11] = number.value + 1 == chunks ? 1 : 0;
    return nonce;
}

}  // namespace

Attachment Attachment::copy() const {
    return {blob, key.copy(), size, sha256, name, type, expires};
}

std::uint32_t chunks_of(std::uint64_t size) {
    CHECK(size <= largest_file, "a file larger than any that is sent");
    const std::uint64_t needed = std::max<std::uint64_t>(1, (size + chunk_room - 1) / chunk_room);
    return static_cast<std::uint32_t>(padme(needed));
}

Secret get_token_of(const Secret& file_key) {
    return derive(file_key, token_label);
}

ChunkCipher::ChunkCipher(const Secret& file_key, protocol::BlobId blob, std::uint32_t chunks)
    : key_(derive(file_key, key_label)),
      associated_(to_bytes(chunk_label)),
      chunks_(chunks) {
    associated_.push_back(attachment_version);
    append(associated_, blob.view());
}

Bytes ChunkCipher::close(protocol::ChunkNumber number, BytesView plain) const {
    CHECK(plain.size() <= chunk_room && number.value < chunks_, "a chunk that does not fit");
    Bytes filled = to_bytes(plain);
    filled.resize(chunk_room, 0);
    return crypto::aead_encrypt(
        algorithm, key_.reveal(), nonce_of(number, chunks_), associated_, filled);
}

Result<Bytes> ChunkCipher::open(protocol::ChunkNumber number, BytesView closed) const {
    if (closed.size() != protocol::chunk_size || number.value >= chunks_) {
        return fail(Code::forged, "a chunk that the file does not have");
    }
    return crypto::aead_decrypt(
        algorithm, key_.reveal(), nonce_of(number, chunks_), associated_, closed);
}

std::string harmless_file_name(std::string_view name) {
    constexpr std::size_t longest = 200;
    std::string slashless(name);
    std::ranges::replace(slashless, '/', '\1');  // made visible like every control character
    std::string harmless = harmless_name(slashless, longest);
    if (harmless.empty() || harmless == "." || harmless == "..") return "file";
    return harmless;
}

std::string_view media_type_of(std::string_view name) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 18> known{{
        {"csv", "text/csv"},
        {"gif", "image/gif"},
        {"jpeg", "image/jpeg"},
        {"jpg", "image/jpeg"},
        {"json", "application/json"},
        {"md", "text/markdown"},
        {"mp3", "audio/mpeg"},
        {"mp4", "video/mp4"},
        {"odt", "application/vnd.oasis.opendocument.text"},
        {"ogg", "audio/ogg"},
        {"opus", "audio/ogg"},
        {"pdf", "application/pdf"},
        {"png", "image/png"},
        {"svg", "image/svg+xml"},
        {"txt", "text/plain"},
        {"wav", "audio/wav"},
        {"webp", "image/webp"},
        {"zip", "application/zip"},
    }};
    const std::size_t dot = name.rfind('.');
    if (dot == std::string_view::npos) return "application/octet-stream";
    std::string ending(name.substr(dot + 1));
    std::ranges::transform(ending, ending.begin(), [](char letter) {
        return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
    });
    const auto found = std::ranges::find(known, ending, &decltype(known)::value_type::first);
    return found == known.end() ? "application/octet-stream" : found->second;
}

}  // namespace cercle::envelope
