// SPDX-License-Identifier: AGPL-3.0-or-later
#include "relay/log_sqlite.h"

#include <utility>

#include "relay/bounds.h"
#include "relay/left_out.h"
#include "relay/log_schema.h"
#include "relay/tables_sqlite.h"
#include "store/copying.h"
#include "store/transaction.h"

namespace cercle::relay {
namespace {

static_assert(log_schema.size() == store_version);

// At once: 16 MiB.
constexpr std::uint32_t pages_given_back = 4096;

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
    SqliteStore(store::Database database, Recent recent, std::unique_ptr<UnlockShares> shares)
        : database_(std::move(database)),
          recent_(std::move(recent)),
          shares_(std::move(shares)) {}

    SqliteStore(const SqliteStore&) = delete;
    SqliteStore& operator=(const SqliteStore&) = delete;

    /// What cannot be settled is found unsettled when the store is opened again.
    ~SqliteStore() override {
        bool more = recent_.size() > 0;
        while (more) {
            const std::size_t before = recent_.size();
            more = settle_some().has_value() && recent_.size() < before;
        }
    }

    Result<void> transact(const Work& work) override {
        return write([&](store::Transaction& transaction) {
            SqliteTables tables(database_, &transaction, recent_, devices_, logs_, shares_.get());
            return work(tables);
        });
    }

    Result<void> look(const Work& work) override {
        SqliteTables tables(database_, nullptr, recent_, devices_, logs_, shares_.get());
        return work(tables);
    }

    Result<void> put_away() override {
        // In pages of 4 KiB. The log is written over from then on, which syncs faster than making
        // it longer does.
        constexpr std::uint32_t much = 4'096;
        if (recent_.size() > bounds::entries_unsettled) TRY_VOID(settle_some());
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
    /// In one transaction, which Recent follows.
    template <class Work>
    Result<void> write(const Work& work) {
        const auto attempt = [&]() -> Result<void> {
            TRY(auto transaction, database_.begin());
            TRY_VOID(work(transaction));
            return std::move(transaction).commit();
        };
        auto done = attempt();
        if (done.has_value()) {
            recent_.keep();
        } else {
            recent_.undo();
            devices_.forget_all();
            logs_.forget_all();
        }
        return done;
    }

    /// What takes some ten milliseconds.
    Result<void> settle_some() {
        Recent::Plan plan = recent_.plan(bounds::entries_per_settling);
        if (plan.pieces.empty()) {
            recent_.begin_round();
            plan = recent_.plan(bounds::entries_per_settling);
        }
        auto done = settle(plan);
        if (!done.has_value() && done.error().code == Code::store_corrupt)
            done = settle_sound(plan);
        if (done.has_value() || done.error().code == Code::store_corrupt) recent_.carried_out(plan);
        return done;
    }

    Result<void> settle(const Recent::Plan& plan) {
        return write([&](store::Transaction& transaction) -> Result<void> {
            SqliteEntries entries(database_, &transaction, recent_);
            for (const Piece& piece : plan.pieces)
                TRY_VOID(entries.settle(piece));
            return plan.settled ? entries.note_settled(*plan.settled) : Result<void>{};
        });
    }

    /// One log's damage keeps no other from being settled. Errors: the last one's.
    Result<void> settle_sound(const Recent::Plan& plan) {
        Result<void> all;
        for (const Piece& piece : plan.pieces) {
            auto done = settle({.pieces = {piece}});
            if (done.has_value()) continue;
            if (done.error().code != Code::store_corrupt) return done;
            recent_.give_up(piece.log);
            all = std::move(done);
        }
        return all;
    }

    store::Database database_;
    Recent recent_;
    KnownDevices devices_;
    KnownLogs logs_;
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
    TRY(auto recent, load_recent(database));
    return std::make_unique<SqliteStore>(std::move(database), std::move(recent), std::move(shares));
}

}  // namespace cercle::relay
