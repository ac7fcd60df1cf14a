// SPDX-License-Identifier: AGPL-3.0-or-later
#include "relay/epoch_sqlite.h"

#include <limits>
#include <utility>

#include "base/check.h"

namespace cercle::relay {
namespace {

// What a sender claims may be larger than any number that is stored; then it names nothing.
bool is_storable(std::uint64_t value) {
    return std::in_range<std::int64_t>(value);
}

}  // namespace

store::Transaction& SqliteEpochs::writing() const {
    CHECK(transaction_ != nullptr, "a store that is only looked at is written");
    return *transaction_;
}

template <class... Value>
Result<std::vector<Candidate>> SqliteEpochs::select(store::Sql sql, const Value&... values) {
    std::vector<Candidate> found;
    const auto keep = [&found](Epoch epoch,
                               Seq position,
                               protocol::TokenHash token,
                               BundleKey bundle,
                               std::optional<ReaderKey> author,
                               Seq parent,
                               Seq ended) -> Result<store::Visit> {
        found.push_back({epoch, position, {token, bundle}, author, parent, ended});
        return store::Visit::Continue;
    };
    TRY_VOID(
        (database_
             .each<Epoch, Seq, protocol::TokenHash, BundleKey, std::optional<ReaderKey>, Seq, Seq>(
                 keep, sql, values...)));
    return found;
}

Result<std::vector<Candidate>> SqliteEpochs::candidates(const LogId& log, Epoch epoch) {
    if (!is_storable(epoch.value)) return std::vector<Candidate>{};
    return select(
        "SELECT epoch, candidate, token, bundle, author, parent, ended FROM verifiers"
        " WHERE log = ?1 AND epoch = ?2 ORDER BY candidate",
        log,
        epoch);
}

Result<std::optional<Candidate>> SqliteEpochs::candidate_at(const LogId& log, Seq position) {
    if (!is_storable(position.value)) return std::optional<Candidate>{};
    TRY(auto found,
        select("SELECT epoch, candidate, token, bundle, author, parent, ended FROM verifiers"
               " WHERE log = ?1 AND candidate = ?2",
               log,
               position));
    if (found.empty()) return std::optional<Candidate>{};
    return std::optional(found.front());
}

Result<void> SqliteEpochs::insert_candidate(const LogId& log, const Candidate& candidate) {
    logs_.forget(log);
    return writing().run(
        "INSERT INTO verifiers (log, epoch, candidate, token, bundle, author, parent, ended)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        log,
        candidate.epoch,
        candidate.position,
        candidate.verifier.token,
        candidate.verifier.bundle,
        candidate.author,
        candidate.parent,
        candidate.ended);
}

Result<void> SqliteEpochs::end_candidates(const LogId& log,
                                          Epoch epoch,
                                          const BundleKey& key,
                                          Seq bundle) {
    logs_.forget(log);
    return writing().run(
        "UPDATE verifiers SET ended = ?4 WHERE log = ?1 AND epoch = ?2 AND bundle = ?3",
        log,
        epoch,
        key,
        bundle);
}

Result<std::vector<Departure>> SqliteEpochs::departures(const LogId& log) {
    std::vector<Departure> found;
    const auto keep = [&found](Seq bundle, ReaderKey reader) -> Result<store::Visit> {
        found.push_back({bundle, reader});
        return store::Visit::Continue;
    };
    TRY_VOID((database_.each<Seq, ReaderKey>(
        keep,
        "SELECT bundle, reader FROM departures WHERE log = ?1 ORDER BY bundle, reader",
        log)));
    return found;
}

Result<void> SqliteEpochs::insert_departure(const LogId& log, const Departure& departure) {
    return writing().run("INSERT INTO departures (log, bundle, reader) VALUES (?1, ?2, ?3)",
                         log,
                         departure.bundle,
                         departure.reader);
}

Result<std::uint64_t> SqliteEpochs::count_dropped_after(const LogId& log, Seq position) {
    TRY(const auto row,
        database_.one<std::uint64_t>(
            "SELECT count(*) FROM readers WHERE log = ?1 AND dropped_at > ?2", log, position));
    return row ? std::get<0>(*row) : 0;
}

Result<void> SqliteEpochs::delete_departures(const LogId& log, Seq bundle) {
    TRY_VOID(writing().run("DELETE FROM departures WHERE log = ?1 AND bundle = ?2", log, bundle));
    return writing().run("DELETE FROM followers WHERE log = ?1 AND bundle = ?2", log, bundle);
}

Result<std::uint64_t> SqliteEpochs::add_follower(const LogId& log,
                                                 Seq bundle,
                                                 const ReaderKey& reader) {
    TRY_VOID(
        writing().run("INSERT INTO followers (log, bundle, reader) VALUES (?1, ?2, ?3)"
                      " ON CONFLICT DO NOTHING",
                      log,
                      bundle,
                      reader));
    TRY(const auto row,
        database_.one<std::uint64_t>(
            "SELECT count(*) FROM followers WHERE log = ?1 AND bundle = ?2", log, bundle));
    return row ? std::get<0>(*row) : 0;
}

}  // namespace cercle::relay
