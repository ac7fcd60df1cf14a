// SPDX-License-Identifier: AGPL-3.0-or-later
#include "codec/tls.h"
#include "merkle/checkpoint.h"
#include "merkle/proof.h"
#include "relay/chain.h"
#include "relay/decide_parts.h"

// Records: each entry of a recorded log becomes a leaf of the relay's one tree, in the transaction
// that appends it. Whoever is admitted may ask for the tree's checkpoint, and for proofs of it.

namespace cercle::relay {
namespace {

merkle::Lookup lookup_in(RecordTables& records) {
    return [&records](merkle::Node node) { return records.node(node); };
}

Answer proof_of(merkle::LeafNumber number, const merkle::Path& path) {
    protocol::Proof proof{{number.value}, {}};
    for (const merkle::Hash& hash : path)
        proof.path.push_back({hash.bytes});
    return Answer{std::move(proof)};
}

}  // namespace

Result<void> record(LogTables& tables, const LogId& log, const protocol::Entry& entry) {
    RecordTables& records = tables.records();
    TRY(const merkle::TreeSize size, records.size());
    TRY(const auto nodes,
        merkle::grow(size, record_hash(entry.chain, entry.seq), lookup_in(records)));
    return records.add(log, entry.seq, nodes);
}

Result<Answer> decide_on(const Bench& bench, const protocol::GetCheckpoint& /*request*/) {
    RecordTables& records = bench.tables.records();
    merkle::Checkpoint checkpoint;
    TRY(const Identity identity, bench.tables.identity());
    checkpoint.incarnation = identity.incarnation.bytes;
    TRY(checkpoint.size, records.size());
    TRY(checkpoint.root, merkle::root_of(checkpoint.size, lookup_in(records)));
    checkpoint.at = bench.now.value;
    // Signed where the key is: switchboard.cpp.
    return Answer{protocol::SignedCheckpoint{codec::encode(checkpoint), {}}};
}

Result<Answer> decide_on(const Bench& bench, const protocol::ProveRecord& request) {
    if (!bench.asker.reader) return refuse();
    TRY(const auto log, bench.tables.find_log(request.log));
    TRY(const auto reader, bench.tables.find_reader(request.log, *bench.asker.reader));
    const bool visible = log && reader && request.seq >= reader->since &&
                         (!reader->dropped_at || request.seq <= *reader->dropped_at) &&
                         request.seq <= log->head;
    if (!visible) return refuse();
    RecordTables& records = bench.tables.records();
    TRY(const auto number, records.find(request.log, request.seq));
    TRY(const merkle::TreeSize size, records.size());
    if (!number || number->value >= request.size.value || request.size.value > size.value) {
        return refuse();
    }
    TRY(const auto path,
        merkle::prove_inclusion(*number, {request.size.value}, lookup_in(records)));
    return proof_of(*number, path);
}

Result<Answer> decide_on(const Bench& bench, const protocol::ProveGrowth& request) {
    RecordTables& records = bench.tables.records();
    TRY(const merkle::TreeSize size, records.size());
    if (request.earlier > request.later || request.later.value > size.value) return refuse();
    TRY(const auto path,
        merkle::prove_consistency(
            {request.earlier.value}, {request.later.value}, lookup_in(records)));
    return proof_of({}, path);
}

}  // namespace cercle::relay
