// SPDX-License-Identifier: AGPL-3.0-or-later
#include "relay/verify.h"

#include <algorithm>

#include "codec/tls.h"
#include "crypto/hash.h"
#include "merkle/tree.h"
#include "protocol/bundle.h"
#include "relay/bounds.h"
#include "relay/chain.h"
#include "relay/verify_rights.h"

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

// One log, entry by entry from where it begins, the way it was written.
class Walk {
  public:
    Walk(LogTables& tables, const Log& log)
        : tables_(tables),
          log_(log),
          seq_(log.base),
          chain_(log.base_chain),
          epoch_(log.base_epoch) {}

    Result<std::uint64_t> run() {
        if (log_.base.value == 0) TRY_VOID(check_candidate(Epoch{0}, Seq{0}, std::nullopt));
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
        // Ids live longer than their entries; those that have lost them have nothing to agree with.
        TRY_VOID(tables_.each_outcome(log_.id, [this, &stored](const Outcome& outcome) {
            if (outcome.seq > log_.base) stored.add(outcome.seq, outcome.content);
        }));
        if (stored != outcomes_) {
            return fail(Code::store_corrupt, "an id stands for something else than its entry");
        }
        return seq_.value - log_.base.value;
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
        return log_.keeping == Keeping::Recorded ? check_record(entry) : Result<void>{};
    }

    Result<void> check_record(const protocol::Entry& entry) {
        TRY(const auto number, tables_.records().find(log_.id, entry.seq));
        if (!number) return fail(Code::store_corrupt, "an entry that should be a record is none");
        TRY(const merkle::Hash leaf, tables_.records().node({0, number->value}));
        if (leaf != record_hash(entry.chain, entry.seq)) {
            return fail(Code::store_corrupt, "a record is another entry than it should be");
        }
        return {};
    }

    Result<void> check_place(const protocol::Entry& entry) {
        const bool by_card = entry.kind == protocol::EntryKind::Card;
        if (by_card && !codec::decode<protocol::CardLetter>(entry.payload).has_value()) {
            return fail(Code::store_corrupt, "what came by a card is no letter");
        }
        const bool deposit = by_card || entry.kind == protocol::EntryKind::Deposit;
        if (deposit != (log_.kind == LogKind::Inbox)) {
            return fail(Code::store_corrupt, "an entry of a kind that its log does not take");
        }
        if (deposit) return {};
        if (entry.epoch > epoch_) {
            return fail(Code::store_corrupt, "an entry of an epoch that had not begun");
        }
        if (entry.kind != protocol::EntryKind::Bundle) return {};
        TRY(const ReaderKey author, author_of(entry));
        epoch_ = std::max(epoch_, entry.epoch.next());
        return check_candidate(entry.epoch.next(), entry.seq, author);
    }

    Result<ReaderKey> author_of(const protocol::Entry& entry) {
        const auto letter = codec::decode<protocol::SignedBundle>(entry.payload);
        if (!letter.has_value()) return fail(Code::store_corrupt, "a bundle that is none");
        const auto bundle = codec::decode<protocol::Bundle>(letter->bundle);
        if (!bundle.has_value() || bundle->log != log_.id || bundle->epoch != entry.epoch) {
            return fail(Code::store_corrupt, "a bundle that belongs elsewhere");
        }
        return bundle->author;
    }

    Result<void> check_candidate(Epoch epoch, Seq position, std::optional<ReaderKey> author) {
        if (log_.kind == LogKind::Inbox) return {};
        TRY(const auto candidates, tables_.epochs().candidates(log_.id, epoch));
        for (const Candidate& one : candidates) {
            if (one.position != position || one.author != author) continue;
            return position.value == 0 ? Result<void>{} : check_parent(one);
        }
        return fail(Code::store_corrupt, "an epoch without its verifier");
    }

    Result<void> check_parent(const Candidate& candidate) {
        TRY(const auto parents,
            tables_.epochs().candidates(log_.id, Epoch{candidate.epoch.value - 1}));
        for (const Candidate& one : parents) {
            if (one.position != candidate.parent) continue;
            if (one.ended >= candidate.position) return {};
        }
        return fail(Code::store_corrupt, "a bundle that goes on from nothing");
    }

    LogTables& tables_;
    const Log& log_;
    Seq seq_;
    ChainHash chain_;
    Epoch epoch_;
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

// Every entry of a recorded log is the record that it says, and the tree is that of its leaves.
// What was trimmed has left its leaves behind.
Result<void> verify_tree(RecordTables& records) {
    TRY(const merkle::TreeSize size, records.size());
    std::vector<std::uint64_t> found;  // nodes of each level
    const auto take = [&](const merkle::StoredNode& stored) -> Result<void> {
        const auto& [node, hash] = stored;
        if (found.size() <= node.level) found.resize(node.level + std::size_t{1});
        if (node.number != found[node.level]++) {
            return fail(Code::store_corrupt, "the tree of records has a gap");
        }
        if (node.level == 0) return {};
        const auto below = static_cast<std::uint8_t>(node.level - 1);
        TRY(const merkle::Hash left, records.node({below, 2 * node.number}));
        TRY(const merkle::Hash right, records.node({below, 2 * node.number + 1}));
        if (merkle::node_hash(left, right) != hash) {
            return fail(Code::store_corrupt, "the tree of records is not that of its leaves");
        }
        return {};
    };
    TRY_VOID(records.each_node(take));
    std::uint64_t expected = size.value;
    for (std::size_t level = 0; expected != 0 || level < found.size(); ++level, expected /= 2) {
        if (level >= found.size() || found[level] != expected) {
            return fail(Code::store_corrupt, "the tree of records has another size than it says");
        }
    }
    TRY(const std::uint64_t known, records.count());
    if (known != size.value) {
        return fail(Code::store_corrupt, "other entries are records than the tree has leaves");
    }
    return {};
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
        TRY_VOID(verify_tree(tables.records()));
        TRY_VOID(verify_blobs(tables, verified));
        TRY_VOID(verify_cards(tables, verified));
        return verify_shares(tables, verified);
    });
    TRY_VOID(walked);
    return verified;
}

}  // namespace cercle::relay
