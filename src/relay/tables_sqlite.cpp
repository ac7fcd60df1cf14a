// SPDX-License-Identifier: AGPL-3.0-or-later
#include "relay/tables_sqlite.h"

#include <limits>
#include <tuple>
#include <utility>

#include "base/check.h"
#include "relay/bounds.h"

namespace cercle::relay {
namespace {

constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();

}  // namespace

Result<void> SqliteTables::attempt(const std::function<Result<void>()>& work) {
    TRY(auto part, writing().savepoint());
    const Recent::Mark mark = recent_.mark();
    Result<void> done = work();
    if (done.has_value()) done = std::move(part).keep();
    if (!done.has_value()) {
        recent_.undo_to(mark);
        devices_.forget_all();
        logs_.forget_all();
    }
    return done;
}

std::uint64_t SqliteTables::rows_changed() {
    return static_cast<std::uint64_t>(database_.rows_changed());
}

Result<Identity> SqliteTables::identity() {
    TRY(auto row,
        (database_.one<protocol::Incarnation, std::optional<OfficerKey>, OrderNumber, ContentHash>(
            "SELECT incarnation, officer, last_order, last_content FROM relay")));
    if (!row) return fail(Code::store_corrupt, "the store does not say whose it is");
    return std::make_from_tuple<Identity>(*row);
}

Result<void> SqliteTables::set_incarnation(const protocol::Incarnation& incarnation) {
    return writing().run("UPDATE relay SET incarnation = ?1", incarnation);
}

Result<void> SqliteTables::set_officer(const OfficerKey& key) {
    return writing().run("UPDATE relay SET officer = ?1", key);
}

Result<void> SqliteTables::set_last_order(OrderNumber number, const ContentHash& content) {
    return writing().run("UPDATE relay SET last_order = ?1, last_content = ?2", number, content);
}

Result<std::optional<Device>> SqliteTables::find_device(const DeviceKey& key) {
    if (const Device* const known = devices_.find(key)) return std::optional(*known);
    TRY(auto row,
        (database_.one<LogId, std::uint64_t>("SELECT inbox, logs_made FROM devices WHERE key = ?1",
                                             key)));
    if (!row) return std::optional<Device>{};
    const Device device{key, std::get<0>(*row), std::get<1>(*row)};
    devices_.remember(device);
    return std::optional(device);
}

Result<void> SqliteTables::insert_device(const Device& device) {
    return writing().run("INSERT INTO devices (key, inbox, logs_made) VALUES (?1, ?2, ?3)",
                         device.key,
                         device.inbox,
                         device.logs_made);
}

Result<void> SqliteTables::count_log_made(const DeviceKey& key) {
    devices_.forget(key);
    return writing().run("UPDATE devices SET logs_made = logs_made + 1 WHERE key = ?1", key);
}

Result<void> SqliteTables::delete_device(const DeviceKey& key) {
    devices_.forget(key);
    return writing().run("DELETE FROM devices WHERE key = ?1", key);
}

Result<std::optional<Log>> SqliteTables::find_log(const LogId& id) {
    std::optional<Log> found;
    TRY_VOID(visit_logs(
        [&found](const Log& log) -> Result<void> {
            found = log;
            return {};
        },
        "SELECT id, kind, head, chain, epoch, bytes, deposit, founding, base, base_chain,"
        " base_epoch, forgets, forgets_at, recorded FROM logs WHERE id = ?1",
        id));
    return found;
}

Result<void> SqliteTables::insert_log(const Log& log) {
    logs_.forget(log.id);
    return writing().run(
        "INSERT INTO logs (id, kind, head, chain, epoch, bytes, deposit, founding, recorded)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        log.id,
        log.kind,
        log.head,
        log.chain,
        log.epoch,
        log.bytes,
        log.deposit,
        log.founding,
        log.keeping);
}

Result<void> SqliteTables::delete_log(const LogId& id) {
    logs_.forget(id);
    TRY_VOID(entries_.remove_all(id));
    return writing().run("DELETE FROM logs WHERE id = ?1", id);
}

Result<void> SqliteTables::set_epoch(const LogId& id, Epoch epoch) {
    logs_.forget(id);
    return writing().run("UPDATE logs SET epoch = ?2 WHERE id = ?1", id, epoch);
}

Result<void> SqliteTables::set_deposit(const LogId& inbox, const TokenHash& deposit) {
    return writing().run("UPDATE logs SET deposit = ?2 WHERE id = ?1", inbox, deposit);
}

Result<std::optional<Reader>> SqliteTables::find_reader(const LogId& id, const ReaderKey& key) {
    TRY(auto row,
        (database_.one<Seq, std::optional<Seq>, Seq, Seq>(
            "SELECT since, dropped_at, acknowledged, follows FROM readers"
            " WHERE log = ?1 AND key = ?2",
            id,
            key)));
    if (!row) return std::optional<Reader>{};
    const auto& [since, dropped_at, acknowledged, follows] = *row;
    return std::optional(Reader{key, since, dropped_at, acknowledged, follows});
}

Result<void> SqliteTables::put_reader(const LogId& id, const Reader& reader) {
    logs_.forget(id);
    return writing().run(
        "INSERT INTO readers (log, key, since, dropped_at, acknowledged, follows)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
        " ON CONFLICT DO UPDATE SET since = excluded.since, dropped_at = excluded.dropped_at,"
        " acknowledged = excluded.acknowledged, follows = excluded.follows",
        id,
        reader.key,
        reader.since,
        reader.dropped_at,
        reader.acknowledged,
        reader.follows);
}

Result<std::uint64_t> SqliteTables::count_readers(const LogId& id) {
    return count("SELECT count(*) FROM readers WHERE log = ?1 AND dropped_at IS NULL", id);
}

Result<void> SqliteTables::append(const LogId& log,
                                  const protocol::Entry& entry,
                                  const EntryId& id,
                                  const ContentHash& content) {
    TRY_VOID(entries_.append(log, entry, id, content));
    logs_.grew(log, entry);
    return {};
}

Result<std::vector<protocol::Entry>> SqliteTables::entries(
    const LogId& id, Seq first, Seq last, std::size_t most, std::size_t most_bytes) {
    return entries_.read(id, first, last, most, most_bytes);
}

Result<std::optional<Seq>> SqliteTables::kept_by_all(const LogId& id, Stamp dropped_since) {
    return entries_.kept_by_all(id, dropped_since);
}

Result<std::vector<EntrySize>> SqliteTables::first_sizes(const LogId& id, std::size_t most) {
    return entries_.first_sizes(id, most);
}

Result<void> SqliteTables::trim(const LogId& id, Seq upto) {
    logs_.forget(id);
    return entries_.trim(id, upto);
}

Result<std::size_t> SqliteTables::forget_ids(const LogId& id, Seq upto, std::size_t most) {
    return entries_.forget_ids(id, upto, most);
}

Result<void> SqliteTables::set_forgetting(const LogId& id, Seq upto, Stamp moment) {
    logs_.forget(id);
    return writing().run(
        "UPDATE logs SET forgets = ?2, forgets_at = ?3 WHERE id = ?1", id, upto, moment);
}

Result<std::optional<Outcome>> SqliteTables::find_outcome(const LogId& id, const EntryId& entry) {
    return entries_.find_outcome(id, entry);
}

Result<void> SqliteTables::each_outcome(const LogId& id,
                                        const std::function<void(const Outcome&)>& visit) {
    return entries_.each_outcome(id, visit);
}

Result<std::uint32_t> SqliteTables::count_packages(const LogId& inbox) {
    TRY(const std::uint64_t left,
        count("SELECT count(*) FROM packages WHERE inbox = ?1 AND taker IS NULL", inbox));
    return static_cast<std::uint32_t>(left);
}

Result<bool> SqliteTables::put_package(const LogId& inbox,
                                       const ContentHash& content,
                                       const Bytes& package) {
    TRY_VOID(
        writing().run("INSERT INTO packages (inbox, content, package) VALUES (?1, ?2, ?3)"
                      " ON CONFLICT (inbox, content) DO NOTHING",
                      inbox,
                      content,
                      package));
    return writing().changed() == 1;
}

Result<std::optional<Bytes>> SqliteTables::take_package(const LogId& inbox, const EntryId& taker) {
    TRY(auto taken,
        (database_.one<Bytes>(
            "SELECT package FROM packages WHERE inbox = ?1 AND taker = ?2", inbox, taker)));
    if (taken) return std::optional(std::get<0>(*std::move(taken)));
    TRY(auto left,
        (database_.one<std::int64_t, Bytes>(
            "SELECT number, package FROM packages WHERE inbox = ?1 AND taker IS NULL"
            " ORDER BY number LIMIT 1",
            inbox)));
    if (!left) return std::optional<Bytes>{};
    TRY_VOID(writing().run(
        "UPDATE packages SET taker = ?2 WHERE number = ?1", std::get<0>(*left), taker));
    TRY_VOID(forget_old_packages(inbox));
    return std::optional(std::get<1>(*std::move(left)));
}

Result<void> SqliteTables::drop_packages(const LogId& inbox) {
    return writing().run("DELETE FROM packages WHERE inbox = ?1 AND taker IS NULL", inbox);
}

Result<std::optional<Exchange>> SqliteTables::find_exchange(const ExchangeId& id) {
    TRY(auto row,
        (database_.one<TokenHash, Stamp, std::uint8_t>(
            "SELECT token, until, contested FROM exchanges WHERE id = ?1", id)));
    if (!row) return std::optional<Exchange>{};
    const auto& [token, until, contested] = *row;
    return std::optional(Exchange{id, token, until, contested != 0});
}

Result<void> SqliteTables::insert_exchange(const Exchange& exchange) {
    return writing().run(
        "INSERT INTO exchanges (id, token, until, contested) VALUES (?1, ?2, ?3, ?4)",
        exchange.id,
        exchange.token,
        exchange.until,
        exchange.contested ? 1 : 0);
}

Result<void> SqliteTables::contest_exchange(const ExchangeId& id) {
    return writing().run("UPDATE exchanges SET contested = 1 WHERE id = ?1", id);
}

Result<void> SqliteTables::delete_exchange(const ExchangeId& id) {
    return writing().run("DELETE FROM exchanges WHERE id = ?1", id);
}

Result<void> SqliteTables::delete_exchanges_until(Stamp moment) {
    return writing().run("DELETE FROM exchanges WHERE until <= ?1", moment);
}

Result<std::uint64_t> SqliteTables::count_exchanges() {
    return count("SELECT count(*) FROM exchanges");
}

Result<std::optional<Bytes>> SqliteTables::find_step(const ExchangeId& id, std::uint8_t step) {
    TRY(auto row,
        (database_.one<Bytes>(
            "SELECT payload FROM steps WHERE exchange = ?1 AND step = ?2", id, step)));
    if (!row) return std::optional<Bytes>{};
    return std::optional(std::get<0>(*std::move(row)));
}

Result<void> SqliteTables::insert_step(const ExchangeId& id,
                                       std::uint8_t step,
                                       const Bytes& payload) {
    return writing().run(
        "INSERT INTO steps (exchange, step, payload) VALUES (?1, ?2, ?3)", id, step, payload);
}

Result<Counts> SqliteTables::counts() {
    Counts counts;
    TRY(counts.devices, count("SELECT count(*) FROM devices"));
    TRY(counts.conversations, count("SELECT count(*) FROM logs WHERE kind = 1"));
    TRY(counts.inboxes, count("SELECT count(*) FROM logs WHERE kind = 2"));
    TRY(counts.entries, count("SELECT count(*) FROM entries"));
    TRY(counts.packages, count("SELECT count(*) FROM packages WHERE taker IS NULL"));
    TRY(counts.exchanges, count("SELECT count(*) FROM exchanges"));
    TRY(counts.blobs, count("SELECT count(*) FROM blobs"));
    TRY(counts.chunks, count("SELECT count(*) FROM chunks"));
    TRY(counts.cards, count("SELECT count(*) FROM cards"));
    return counts;
}

Result<void> SqliteTables::each_log(const std::function<Result<void>(const Log&)>& visit) {
    return visit_logs_after(std::nullopt, static_cast<std::size_t>(largest), visit);
}

Result<std::vector<Log>> SqliteTables::logs_after(const std::optional<LogId>& id,
                                                  std::size_t most) {
    std::vector<Log> found;
    TRY_VOID(visit_logs_after(id, most, [&found](const Log& log) -> Result<void> {
        found.push_back(log);
        return {};
    }));
    return found;
}

store::Transaction& SqliteTables::writing() const {
    CHECK(transaction_ != nullptr, "a store that is only looked at is written");
    return *transaction_;
}

template <class... Value>
Result<std::uint64_t> SqliteTables::count(store::Sql sql, const Value&... values) {
    TRY(const auto row, database_.one<std::uint64_t>(sql, values...));
    if (!row) return fail(Code::store_corrupt, "a count without an answer");
    return std::get<0>(*row);
}

template <class... Value>
Result<void> SqliteTables::visit_logs(const std::function<Result<void>(const Log&)>& visit,
                                      store::Sql sql,
                                      const Value&... values) {
    const auto pass_on = [&](auto... columns) -> Result<store::Visit> {
        Log log{columns...};
        entries_.complete(log);
        TRY_VOID(visit(log));
        return store::Visit::Continue;
    };
    return database_.each<LogId,
                          LogKind,
                          Seq,
                          ChainHash,
                          Epoch,
                          std::uint64_t,
                          std::optional<TokenHash>,
                          ContentHash,
                          Seq,
                          ChainHash,
                          Epoch,
                          Seq,
                          Stamp,
                          Keeping>(pass_on, sql, values...);
}

Result<void> SqliteTables::visit_logs_after(const std::optional<LogId>& id,
                                            std::size_t most,
                                            const std::function<Result<void>(const Log&)>& visit) {
    return visit_logs(
        visit,
        "SELECT id, kind, head, chain, epoch, bytes, deposit, founding, base, base_chain,"
        " base_epoch, forgets, forgets_at, recorded FROM logs"
        " WHERE id > ?1 ORDER BY id LIMIT ?2",
        // Shorter than every id, and before it.
        id ? to_bytes(id->view()) : Bytes{0},
        most);
}

// Taken packages are kept for repetitions of the request that took them, but not for ever.
Result<void> SqliteTables::forget_old_packages(const LogId& inbox) {
    return writing().run(
        "DELETE FROM packages WHERE number IN (SELECT number FROM packages"
        " WHERE inbox = ?1 AND taker IS NOT NULL ORDER BY number DESC"
        " LIMIT -1 OFFSET ?2)",
        inbox,
        bounds::taken_packages_kept);
}

}  // namespace cercle::relay
