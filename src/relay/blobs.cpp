// SPDX-License-Identifier: AGPL-3.0-or-later
#include "access/token.h"
#include "relay/bounds.h"
#include "relay/chain.h"
#include "relay/decide_parts.h"

// Blobs: places for a file's closed chunks. Filled by who holds one token, read by who holds the
// other, gone when their time is over.

namespace cercle::relay {
namespace {

enum class Use : std::uint8_t { Put, Get };

/// The blob, if the token opens it, its time is not over and it has such a place.
Result<Blob> open_blob(
    const Bench& bench, const BlobId& id, const Secret& token, Use use, ChunkNumber number) {
    TRY(auto blob, bench.tables.blobs().find_blob(id));
    if (!blob || blob->until <= bench.now || number.value >= blob->chunks) return refuse();
    const auto right = use == Use::Put ? access::Right::PutChunk : access::Right::GetChunk;
    const TokenHash& hash = use == Use::Put ? blob->put : blob->get;
    if (!access::matches(right, token, hash.view())) return refuse();
    return *std::move(blob);
}

Result<Answer> progress_of(const Bench& bench, const Blob& blob) {
    protocol::Blob progress{blob.until, {}};
    TRY_VOID(bench.tables.blobs().each_number(
        blob.id, [&progress](ChunkNumber number) { set_filled(progress, number); }));
    return Answer{std::move(progress)};
}

/// A device takes no more in a day than it may, and all together no more than there is room for.
Result<void> take_places(const Bench& bench, std::uint32_t chunks) {
    BlobTables& blobs = bench.tables.blobs();
    const DeviceKey& device = bench.asker.device;
    const Day day = day_of(bench.now);
    TRY(const std::uint64_t asked, blobs.places_asked(device, day));
    if (asked + chunks > bench.allowance.places_per_device_and_day) {
        return fail(Code::too_many, "this device has stored too much today");
    }
    TRY(const std::uint64_t taken, blobs.places_taken());
    if (taken + chunks > bench.allowance.places) {
        return fail(Code::too_many, "there is no room for more files");
    }
    return blobs.count_places(device, day, chunks);
}

}  // namespace

Result<Answer> decide_on(const Bench& bench, const protocol::CreateBlob& request) {
    if (request.chunks == 0) return fail(Code::malformed, "a blob without a place");
    if (request.chunks > protocol::most_chunks) return fail(Code::too_large, "too many chunks");
    BlobTables& blobs = bench.tables.blobs();
    TRY(const auto known, blobs.find_blob(request.blob));
    if (known) {
        const bool same = known->put == request.put && known->get == request.get &&
                          known->chunks == request.chunks && known->until > bench.now;
        if (!same) return refuse();
        return progress_of(bench, *known);
    }
    TRY_VOID(take_places(bench, request.chunks));
    const auto retention = static_cast<std::uint64_t>(bench.allowance.blob_retention.count());
    const Stamp until{bench.now.value + retention};
    const Blob blob{request.blob, request.put, request.get, request.chunks, 0, until};
    TRY_VOID(blobs.insert_blob(blob));
    return progress_of(bench, blob);
}

Result<Answer> decide_on(const Bench& bench, const protocol::PutChunk& request) {
    if (request.chunk.size() != protocol::chunk_size) {
        return fail(Code::malformed, "a chunk of another size");
    }
    TRY_VOID(open_blob(bench, request.blob, request.token, Use::Put, request.number));
    BlobTables& blobs = bench.tables.blobs();
    const ContentHash content = content_hash(ContentOf::Chunk, request.chunk);
    TRY(const auto there, blobs.find_content(request.blob, request.number));
    if (there && *there != content) {
        return fail(Code::id_reused, "other bytes lie in this place");
    }
    if (!there) {
        TRY_VOID(blobs.insert_chunk(request.blob, {request.number, content, request.chunk}));
    }
    return Answer{protocol::Done{}};
}

Result<Answer> decide_on(const Bench& bench, const protocol::GetChunk& request) {
    TRY_VOID(open_blob(bench, request.blob, request.token, Use::Get, request.number));
    TRY(auto chunk, bench.tables.blobs().find_chunk(request.blob, request.number));
    if (!chunk) return refuse();
    return Answer{protocol::Chunk{*std::move(chunk)}};
}

}  // namespace cercle::relay
