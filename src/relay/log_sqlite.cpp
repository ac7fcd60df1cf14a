// SPDX-License-Identifier: AGPL-3.0-or-later
#include "relay/log_sqlite.h"

#include <limits>
#include <tuple>
#include <utility>

#include "base/check.h"
#include "relay/blob_sqlite.h"
#include "relay/bounds.h"
#include "relay/card_sqlite.h"
#include "relay/epoch_sqlite.h"
#include "relay/left_out.h"
#include "relay/log_schema.h"
#include "relay/record_sqlite.h"
#include "store/copying.h"
#include "store/transaction.h"

namespace cercle::relay {
namespace {

static_assert(log_schema.size() == store_version);

// At once: 16 MiB.
constexpr std::uint32_t pages_given_back = 4096;

constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();

// What a sender claims may be larger than any number that is stored; then it names nothing.
bool is_storable(std::uint64_t value) {
    return std::in_range<std::int64_t>(value);
}

class SqliteTables final : public LogTables {
  public:
    SqliteTables(store::Database& database, store::Transaction* transaction, UnlockShares* shares)
        : database_(database),
          transaction_(transaction),
          blobs_(database, transaction),
          cards_(database, transaction),
          epochs_(database, transaction),
          records_(database, transaction),
          shares_(shares) {}

    BlobTables& blobs() override { return blobs_; }

    CardTables& cards() override { return cards_; }

    EpochTables& epochs() override { return epochs_; }

    RecordTables& records() override { return records_; }

    UnlockShares* unlock_shares() override { return shares_; }

    Result<void> attempt(const std::function<Result<void>()>& work) override {
        TRY(auto part, writing().savepoint());
        TRY_VOID(work());
        return std::move(part).keep();
    }

    std::uint64_t rows_changed() override {
        return static_cast<std::uint64_t>(database_.rows_changed());
    }

    Result<Identity> identity() override {
        TRY(auto row,
            (database_
                 .one<protocol::Incarnation, std::optional<OfficerKey>, OrderNumber, ContentHash>(
                     "SELECT incarnation, officer, last_order, last_content FROM relay")));
        if (!row) return fail(Code::store_corrupt, "the store does not say whose it is");
        return std::make_from_tuple<Identity>(*row);
    }

    Result<void> set_incarnation(const protocol::Incarnation& incarnation) override {
        return writing().run("UPDATE relay SET incarnation = ?1", incarnation);
    }

    Result<void> set_officer(const OfficerKey& key) override {
        return writing().run("UPDATE relay SET officer = ?1", key);
    }

    Result<void> set_last_order(OrderNumber number, const ContentHash& content) override {
        return writing().run(
            "UPDATE relay SET last_order = ?1, last_content = ?2", number, content);
    }

    Result<std::optional<Device>> find_device(const DeviceKey& key) override {
        TRY(auto row,
            (database_.one<LogId, std::uint64_t>(
                "SELECT inbox, logs_made FROM devices WHERE key = ?1", key)));
        if (!row) return std::optional<Device>{};
        return std::optional(Device{key, std::get<0>(*row), std::get<1>(*row)});
    }

    Result<void> insert_device(const Device& device) override {
        return writing().run("INSERT INTO devices (key, inbox, logs_made) VALUES (?1, ?2, ?3)",
                             device.key,
                             device.inbox,
                             device.logs_made);
    }

    Result<void> count_log_made(const DeviceKey& key) override {
        return writing().run("UPDATE devices SET logs_made = logs_made + 1 WHERE key = ?1", key);
    }

    Result<void> delete_device(const DeviceKey& key) override {
        return writing().run("DELETE FROM devices WHERE key = ?1", key);
    }

    Result<std::optional<Log>> find_log(const LogId& id) override {
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

    Result<void> insert_log(const Log& log) override {
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

    Result<void> delete_log(const LogId& id) override {
        return writing().run("DELETE FROM logs WHERE id = ?1", id);
    }

    Result<void> set_epoch(const LogId& id, Epoch epoch) override {
        return writing().run("UPDATE logs SET epoch = ?2 WHERE id = ?1", id, epoch);
    }

    Result<std::optional<Reader>> find_reader(const LogId& id, const ReaderKey& key) override {
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

    Result<void> put_reader(const LogId& id, const Reader& reader) override {
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

    Result<std::uint64_t> count_readers(const LogId& id) override {
        return count("SELECT count(*) FROM readers WHERE log = ?1 AND dropped_at IS NULL", id);
    }

    Result<void> append(const LogId& id, const protocol::Entry& entry) override {
        TRY_VOID(
            writing().run("INSERT INTO entries (log, seq, kind, epoch, stamp, payload, chain)"
                          " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                          id,
                          entry.seq,
                          entry.kind,
                          entry.epoch,
                          entry.stamp,
                          entry.payload,
                          entry.chain));
        TRY_VOID(
            writing().run("UPDATE logs SET head = ?2, chain = ?3, bytes = bytes + ?4"
                          " WHERE id = ?1 AND head = ?2 - 1",
                          id,
                          entry.seq,
                          entry.chain,
                          entry.payload.size()));
        if (writing().changed() != 1) {
            return fail(Code::already_exists, "an entry out of its log's order");
        }
        return {};
    }

    Result<std::vector<protocol::Entry>> entries(
        const LogId& id, Seq first, Seq last, std::size_t most, std::size_t most_bytes) override {
        std::vector<protocol::Entry> found;
        if (!is_storable(first.value) || first > last || most == 0) return found;
        if (!is_storable(last.value)) last.value = static_cast<std::uint64_t>(largest);
        std::size_t bytes = 0;
        const auto keep = [&](Seq seq,
                              protocol::EntryKind kind,
                              Epoch epoch,
                              Stamp stamp,
                              Bytes payload,
                              ChainHash chain) -> Result<store::Visit> {
            bytes += payload.size();
            if (!found.empty() && bytes > most_bytes) return store::Visit::Stop;
            found.push_back({seq, kind, epoch, stamp, std::move(payload), chain});
            return found.size() == most ? store::Visit::Stop : store::Visit::Continue;
        };
        TRY_VOID((database_.each<Seq, protocol::EntryKind, Epoch, Stamp, Bytes, ChainHash>(
            keep,
            "SELECT seq, kind, epoch, stamp, payload, chain FROM entries"
            " WHERE log = ?1 AND seq BETWEEN ?2 AND ?3 ORDER BY seq",
            id,
            first,
            last)));
        return found;
    }

    Result<std::optional<Seq>> kept_by_all(const LogId& id, Stamp dropped_since) override {
        TRY(const auto row,
            database_.one<std::optional<Seq>>(
                "SELECT min(max(acknowledged, since - 1)) FROM readers WHERE log = ?1 AND"
                " (dropped_at IS NULL OR (max(acknowledged, since - 1) < dropped_at AND EXISTS"
                " (SELECT 1 FROM entries WHERE entries.log = ?1 AND seq = dropped_at"
                " AND stamp >= ?2)))",
                id,
                dropped_since));
        return row ? std::get<0>(*row) : std::nullopt;
    }

    Result<std::vector<EntrySize>> first_sizes(const LogId& id, std::size_t most) override {
        std::vector<EntrySize> found;
        const auto keep = [&found](Seq seq, Stamp stamp, std::uint64_t bytes) {
            found.push_back({seq, stamp, bytes});
            return Result<store::Visit>(store::Visit::Continue);
        };
        TRY_VOID((database_.each<Seq, Stamp, std::uint64_t>(
            keep,
            "SELECT seq, stamp, length(payload) FROM entries WHERE log = ?1 ORDER BY seq LIMIT ?2",
            id,
            most)));
        return found;
    }

    Result<void> trim(const LogId& id, Seq upto) override {
        // A bundle begins the next epoch; one that was passed over may begin an earlier one.
        TRY_VOID(writing().run(
            "UPDATE logs SET base = ?2, base_chain = entry.chain,"
            " base_epoch = max(base_epoch, (SELECT max(epoch + (kind = 2)) FROM entries"
            "  WHERE log = ?1 AND seq <= ?2)), bytes = bytes -"
            " (SELECT sum(length(payload)) FROM entries WHERE log = ?1 AND seq <= ?2)"
            " FROM (SELECT chain FROM entries WHERE log = ?1 AND seq = ?2) AS entry"
            " WHERE id = ?1",
            id,
            upto));
        if (writing().changed() != 1) {
            return fail(Code::store_corrupt, "an entry is missing from a log");
        }
        return writing().run("DELETE FROM entries WHERE log = ?1 AND seq <= ?2", id, upto);
    }

    Result<std::size_t> forget_ids(const LogId& id, Seq upto, std::size_t most) override {
        TRY_VOID(
            writing().run("DELETE FROM outcomes WHERE log = ?1 AND id IN"
                          " (SELECT id FROM outcomes WHERE log = ?1 AND seq <= ?2 LIMIT ?3)",
                          id,
                          upto,
                          most));
        return static_cast<std::size_t>(writing().changed());
    }

    Result<void> set_forgetting(const LogId& id, Seq upto, Stamp moment) override {
        return writing().run(
            "UPDATE logs SET forgets = ?2, forgets_at = ?3 WHERE id = ?1", id, upto, moment);
    }

    Result<std::optional<Outcome>> find_outcome(const LogId& id, const EntryId& entry) override {
        TRY(auto row,
            (database_.one<ContentHash, Seq>(
                "SELECT content, seq FROM outcomes WHERE log = ?1 AND id = ?2", id, entry)));
        if (!row) return std::optional<Outcome>{};
        return std::optional(Outcome{std::get<0>(*row), std::get<1>(*row)});
    }

    Result<void> insert_outcome(const LogId& id,
                                const EntryId& entry,
                                const Outcome& outcome) override {
        return writing().run("INSERT INTO outcomes (log, id, content, seq) VALUES (?1, ?2, ?3, ?4)",
                             id,
                             entry,
                             outcome.content,
                             outcome.seq);
    }

    Result<void> each_outcome(const LogId& id,
                              const std::function<void(const Outcome&)>& visit) override {
        const auto pass_on = [&visit](ContentHash content, Seq seq) -> Result<store::Visit> {
            visit({content, seq});
            return store::Visit::Continue;
        };
        return database_.each<ContentHash, Seq>(
            pass_on, "SELECT content, seq FROM outcomes WHERE log = ?1", id);
    }

    Result<std::uint32_t> count_packages(const LogId& inbox) override {
        TRY(const std::uint64_t left,
            count("SELECT count(*) FROM packages WHERE inbox = ?1 AND taker IS NULL", inbox));
        return static_cast<std::uint32_t>(left);
    }

    Result<bool> put_package(const LogId& inbox,
                             const ContentHash& content,
                             const Bytes& package) override {
        TRY_VOID(
            writing().run("INSERT INTO packages (inbox, content, package) VALUES (?1, ?2, ?3)"
                          " ON CONFLICT (inbox, content) DO NOTHING",
                          inbox,
                          content,
                          package));
        return writing().changed() == 1;
    }

    Result<std::optional<Bytes>> take_package(const LogId& inbox, const EntryId& taker) override {
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

    Result<std::optional<Exchange>> find_exchange(const ExchangeId& id) override {
        TRY(auto row,
            (database_.one<TokenHash, Stamp, std::uint8_t>(
                "SELECT token, until, contested FROM exchanges WHERE id = ?1", id)));
        if (!row) return std::optional<Exchange>{};
        const auto& [token, until, contested] = *row;
        return std::optional(Exchange{id, token, until, contested != 0});
    }

    Result<void> insert_exchange(const Exchange& exchange) override {
        return writing().run(
            "INSERT INTO exchanges (id, token, until, contested) VALUES (?1, ?2, ?3, ?4)",
            exchange.id,
            exchange.token,
            exchange.until,
            exchange.contested ? 1 : 0);
    }

    Result<void> contest_exchange(const ExchangeId& id) override {
        return writing().run("UPDATE exchanges SET contested = 1 WHERE id = ?1", id);
    }

    Result<void> delete_exchange(const ExchangeId& id) override {
        return writing().run("DELETE FROM exchanges WHERE id = ?1", id);
    }

    Result<void> delete_exchanges_until(Stamp moment) override {
        return writing().run("DELETE FROM exchanges WHERE until <= ?1", moment);
    }

    Result<std::uint64_t> count_exchanges() override {
        return count("SELECT count(*) FROM exchanges");
    }

    Result<std::optional<Bytes>> find_step(const ExchangeId& id, std::uint8_t step) override {
        TRY(auto row,
            (database_.one<Bytes>(
                "SELECT payload FROM steps WHERE exchange = ?1 AND step = ?2", id, step)));
        if (!row) return std::optional<Bytes>{};
        return std::optional(std::get<0>(*std::move(row)));
    }

    Result<void> insert_step(const ExchangeId& id,
                             std::uint8_t step,
                             const Bytes& payload) override {
        return writing().run(
            "INSERT INTO steps (exchange, step, payload) VALUES (?1, ?2, ?3)", id, step, payload);
    }

    Result<Counts> counts() override {
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

    Result<void> each_log(const std::function<Result<void>(const Log&)>& visit) override {
        return visit_logs_after(std::nullopt, static_cast<std::size_t>(largest), visit);
    }

    Result<std::vector<Log>> logs_after(const std::optional<LogId>& id, std::size_t most) override {
        std::vector<Log> found;
        TRY_VOID(visit_logs_after(id, most, [&found](const Log& log) -> Result<void> {
            found.push_back(log);
            return {};
        }));
        return found;
    }

  private:
    [[nodiscard]] store::Transaction& writing() const {
        CHECK(transaction_ != nullptr, "a store that is only looked at is written");
        return *transaction_;
    }

    template <class... Value>
    Result<std::uint64_t> count(store::Sql sql, const Value&... values) {
        TRY(const auto row, database_.one<std::uint64_t>(sql, values...));
        if (!row) return fail(Code::store_corrupt, "a count without an answer");
        return std::get<0>(*row);
    }

    template <class... Value>
    Result<void> visit_logs(const std::function<Result<void>(const Log&)>& visit,
                            store::Sql sql,
                            const Value&... values) {
        const auto pass_on = [&visit](auto... columns) -> Result<store::Visit> {
            TRY_VOID(visit(Log{columns...}));
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

    Result<void> visit_logs_after(const std::optional<LogId>& id,
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
    Result<void> forget_old_packages(const LogId& inbox) {
        return writing().run(
            "DELETE FROM packages WHERE number IN (SELECT number FROM packages"
            " WHERE inbox = ?1 AND taker IS NOT NULL ORDER BY number DESC"
            " LIMIT -1 OFFSET ?2)",
            inbox,
            bounds::taken_packages_kept);
    }

    store::Database& database_;
    store::Transaction* transaction_;
    SqliteBlobs blobs_;
    SqliteCards cards_;
    SqliteEpochs epochs_;
    SqliteRecords records_;
    UnlockShares* shares_;
};

class SqliteCopy final : public StoreCopy {
  public:
    SqliteCopy(store::Copying copying, std::filesystem::path target)
        : copying_(std::move(copying)),
          target_(std::move(target)) {}

    SqliteCopy(const SqliteCopy&) = delete;
    SqliteCopy& operator=(const SqliteCopy&) = delete;

    ~SqliteCopy() override {
        if (whole_) return;
        std::error_code ignored;
        std::filesystem::remove(target_, ignored);
    }

    Result<Progress> next() override {
        // A few milliseconds, after which requests get their turn.
        constexpr std::uint32_t pages = 512;
        TRY(const auto progress, copying_.next(pages));
        if (progress == store::Copying::Progress::More) return Progress::More;
        TRY_VOID(leave_out({target_, {}, store::Pages::Checked}, left_out));
        whole_ = true;
        return Progress::Finished;
    }

  private:
    store::Copying copying_;
    std::filesystem::path target_;
    bool whole_ = false;
};

class SqliteStore final : public LogStore {
  public:
    SqliteStore(store::Database database, std::unique_ptr<UnlockShares> shares)
        : database_(std::move(database)),
          shares_(std::move(shares)) {}

    Result<void> transact(const Work& work) override {
        TRY(auto transaction, database_.begin());
        SqliteTables tables(database_, &transaction, shares_.get());
        TRY_VOID(work(tables));
        return std::move(transaction).commit();
    }

    Result<void> look(const Work& work) override {
        SqliteTables tables(database_, nullptr, shares_.get());
        return work(tables);
    }

    Result<void> put_away() override {
        constexpr std::uint32_t much = 8'192;  // pages of 4 KiB
        return database_.put_away(much);
    }

    Result<void> give_back() override {
        TRY_VOID(database_.give_back_pages(pages_given_back));
        return database_.checkpoint();
    }

    Result<void> check_integrity() override { return database_.check_integrity(); }

    Result<std::unique_ptr<StoreCopy>> begin_copy(const std::filesystem::path& target) override {
        TRY(auto copying, store::Copying::begin(database_, target));
        return std::make_unique<SqliteCopy>(std::move(copying), target);
    }

    Result<void> check_opening() override { return database_.check_opening(); }

  private:
    store::Database database_;
    std::unique_ptr<UnlockShares> shares_;
};

Result<void> give_identity(store::Database& database, Random& random) {
    TRY(const auto row, database.one<std::uint64_t>("SELECT count(*) FROM relay"));
    if (row && std::get<0>(*row) != 0) return {};
    TRY(auto transaction, database.begin());
    TRY_VOID(
        transaction.run("INSERT INTO relay (one, incarnation, officer, last_order, last_content)"
                        " VALUES (1, ?1, NULL, 0, ?2)",
                        protocol::Incarnation::random(random),
                        ContentHash{}));
    return std::move(transaction).commit();
}

}  // namespace

Result<std::unique_ptr<LogStore>> open_sqlite_store(const store::Place& place,
                                                    Random& random,
                                                    std::unique_ptr<UnlockShares> shares) {
    store::Place checked = place;
    checked.pages = store::Pages::Checked;
    TRY(auto database, store::Database::open(checked));
    constexpr std::uint32_t cache_kib = 65'536;
    TRY_VOID(database.suit_many_commits(cache_kib));
    TRY_VOID(database.migrate(log_schema));
    // What a step that copied a table has left, or the first piece of it.
    TRY_VOID(database.give_back_pages(pages_given_back));
    TRY_VOID(give_identity(database, random));
    return std::make_unique<SqliteStore>(std::move(database), std::move(shares));
}

}  // namespace cercle::relay
