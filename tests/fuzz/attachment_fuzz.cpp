// SPDX-License-Identifier: AGPL-3.0-or-later
//
// Content with files: what decodes and is ours in full, encodes to the same content; whatever
// decodes can be shown. And a chunk that somebody else made up never opens.
#include <cstdlib>

#include "base/utf8.h"
#include "envelope/content.h"

namespace {

using namespace cercle;
using namespace cercle::envelope;

bool same(const Attachment& left, const Attachment& right) {
    return left.blob == right.blob && left.key == right.key && left.size == right.size &&
           left.sha256 == right.sha256 && left.name == right.name && left.type == right.type &&
           left.expires == right.expires;
}

void look_at_content(BytesView bytes) {
    const auto content = decode_content(bytes);
    if (!content) return;
    static_cast<void>(readable(*content));
    if (!content->attachment) return;
    if (chunks_of(content->attachment->size) > protocol::most_chunks) std::abort();
    const std::string name = harmless_file_name(content->attachment->name);
    if (!is_utf8(name) || name.empty() || name.find('/') != std::string::npos) std::abort();
    const auto again = decode_content(encode_content(*content));
    if (!again || !again->attachment || !same(*again->attachment, *content->attachment) ||
        again->body != content->body) {
        std::abort();
    }
}

void open_chunk(BytesView bytes) {
    if (bytes.size() < 4) return;
    Secret key(file_key_size);
    const ChunkCipher cipher(key, {}, protocol::most_chunks);
    const protocol::ChunkNumber number{static_cast<std::uint32_t>(bytes[0] << 8U | bytes[1])};
    // As long as a chunk, so that the tag is what refuses it.
    Bytes closed = to_bytes(bytes.subspan(2));
    closed.resize(protocol::chunk_size);
    if (cipher.open(number, closed)) std::abort();
    if (cipher.open(number, bytes.subspan(2))) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const BytesView bytes = BytesView(data, size).subspan(1);
    if (data[0] == 0) look_at_content(bytes);
    if (data[0] == 1) open_chunk(bytes);
    return 0;
}
