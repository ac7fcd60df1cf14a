// SPDX-License-Identifier: AGPL-3.0-or-later
#include "relay/verify.h"

#include "codec/tls.h"
#include "crypto/hash.h"
#include "protocol/bundle.h"
#include "relay/bounds.h"
#include "relay/chain.h"

namespace cercle::relay {
namespace {

// A set of positions and contents, in constant space: two that are equal in it are equal.
class OutcomeSet {
  public:
    void add(Seq seq, const ContentHash& content) {
        codec::Writer writer;
        codec::write(writer, seq);
        codec::write(writer, content);
        const crypto::Digest digest = crypto::sha256(writer.bytes());
        for (std::size_t at = 0; at < digest.size(); ++at)
            sum_[at] ^= digest[at];
        ++count_;
    }

    friend bool operator==(const OutcomeSet&, const OutcomeSet&) = default;

  private:
    crypto::Digest sum_{};
    std::uint64_t count_ = 0;
};

// One log, entry by entry, the way it was written.
class Walk {
  public:
    Walk(LogTables& tables, const Log& log)
        : tables_(tables),
          log_(log) {}

    Result<std::uint64_t> run() {
        TRY_VOID(check_verifier(Epoch{0}, Seq{0}));
        while (true) {
            TRY(const auto entries,
                tables_.entries(log_.id,
                                seq_.next(),
                                log_.head.next(),
                                bounds::entries_per_answer,
                                bounds::bytes_per_answer));
            if (entries.empty()) break;
            for (const auto& entry : entries)
                TRY_VOID(take(entry));
        }
        if (seq_ != log_.head || chain_ != log_.chain) {
            return fail(Code::store_corrupt, "a log ends elsewhere than its head says");
        }
        if (bytes_ != log_.bytes || epoch_ != log_.epoch) {
            return fail(Code::store_corrupt, "a log's size or epoch is not that of its entries");
        }
        OutcomeSet stored;
        TRY_VOID(tables_.each_outcome(log_.id, [&stored](const Outcome& outcome) {
            stored.add(outcome.seq, outcome.content);
        }));
        if (stored != outcomes_) {
            return fail(Code::store_corrupt, "an id stands for something else than its entry");
        }
        return seq_.value;
    }

  private:
    Result<void> take(const protocol::Entry& entry) {
        if (entry.seq != seq_.next()) {
            return fail(Code::store_corrupt, "an entry is missing from a log");
        }
        if (chain_after(chain_, log_.id, entry) != entry.chain) {
            return fail(Code::store_corrupt, "an entry's chain hash is wrong");
        }
        TRY_VOID(check_place(entry));
        seq_ = entry.seq;
        chain_ = entry.chain;
        bytes_ += entry.payload.size();
        outcomes_.add(entry.seq, content_hash(entry));
        return {};
    }

    Result<void> check_place(const protocol::Entry& entry) {
        const bool deposit = entry.kind == protocol::EntryKind::Deposit;
        if (deposit != (log_.kind == LogKind::Inbox)) {
            return fail(Code::store_corrupt, "an entry of a kind that its log does not take");
        }
        if (deposit) return {};
        if (entry.epoch != epoch_) {
            return fail(Code::store_corrupt, "an entry of another epoch than its place");
        }
        if (entry.kind != protocol::EntryKind::Bundle) return {};
        TRY_VOID(check_bundle(entry));
        epoch_ = epoch_.next();
        return check_verifier(epoch_, entry.seq);
    }

    Result<void> check_bundle(const protocol::Entry& entry) {
        const auto letter = codec::decode<protocol::SignedBundle>(entry.payload);
        if (!letter.has_value()) return fail(Code::store_corrupt, "a bundle that is none");
        const auto bundle = codec::decode<protocol::Bundle>(letter->bundle);
        if (!bundle.has_value() || bundle->log != log_.id || bundle->epoch != entry.epoch) {
            return fail(Code::store_corrupt, "a bundle that belongs elsewhere");
        }
        return {};
    }

    Result<void> check_verifier(Epoch epoch, Seq candidate) {
        if (log_.kind == LogKind::Inbox) return {};
        TRY(const auto verifiers, tables_.verifiers(log_.id, epoch));
        for (const EpochVerifier& one : verifiers) {
            if (one.candidate == candidate) return {};
        }
        return fail(Code::store_corrupt, "an epoch without its verifier");
    }

    LogTables& tables_;
    const Log& log_;
    Seq seq_{};
    ChainHash chain_{};
    Epoch epoch_{};
    std::uint64_t bytes_ = 0;
    OutcomeSet outcomes_;
};

// Each chunk is what it was when it came, in a place that its blob has, and the counts are right.
Result<std::uint64_t> walk_blob(BlobTables& blobs, const Blob& blob) {
    std::uint64_t filled = 0;
    TRY_VOID(blobs.each_chunk(blob.id, [&](const StoredChunk& stored) -> Result<void> {
        if (stored.number.value >= blob.chunks || stored.chunk.size() != protocol::chunk_size) {
            return fail(Code::store_corrupt, "a chunk that has no place in its blob");
        }
        if (content_hash(ContentOf::Chunk, stored.chunk) != stored.content) {
            return fail(Code::store_corrupt, "a chunk is not what was put there");
        }
        ++filled;
        return {};
    }));
    if (filled != blob.filled || blob.chunks == 0 || blob.chunks > protocol::most_chunks) {
        return fail(Code::store_corrupt, "a blob has other chunks than it says");
    }
    return filled;
}

Result<void> verify_blobs(LogTables& tables, Verified& verified) {
    BlobTables& blobs = tables.blobs();
    std::uint64_t places = 0;
    TRY_VOID(blobs.each_blob([&](const Blob& blob) -> Result<void> {
        TRY(const std::uint64_t filled, walk_blob(blobs, blob));
        places += blob.chunks;
        verified.chunks += filled;
        ++verified.blobs;
        return {};
    }));
    TRY(const std::uint64_t taken, blobs.places_taken());
    if (places != taken) {
        return fail(Code::store_corrupt, "other places are taken than the blobs have");
    }
    TRY(const Counts counts, tables.counts());
    if (counts.chunks != verified.chunks) {
        return fail(Code::store_corrupt, "a chunk belongs to no blob");
    }
    return {};
}

}  // namespace

Result<Verified> verify(LogStore& store) {
    TRY_VOID(store.check_integrity());
    Verified verified;
    const auto walked = store.look([&verified](LogTables& tables) -> Result<void> {
        TRY(const Identity identity, tables.identity());
        if (!identity.officer && identity.last_order.value != 0) {
            return fail(Code::store_corrupt, "orders without an officer");
        }
        const auto walk_one = [&](const Log& log) -> Result<void> {
            TRY(const std::uint64_t entries, Walk(tables, log).run());
            ++verified.logs;
            verified.entries += entries;
            return {};
        };
        TRY_VOID(tables.each_log(walk_one));
        TRY(const Counts counts, tables.counts());
        if (counts.entries != verified.entries) {
            return fail(Code::store_corrupt, "an entry belongs to no log");
        }
        return verify_blobs(tables, verified);
    });
    TRY_VOID(walked);
    return verified;
}

}  // namespace cercle::relay
