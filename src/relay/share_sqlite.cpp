// SPDX-License-Identifier: AGPL-3.0-or-later
#include "relay/share_sqlite.h"

#include <array>
#include <utility>

#include "base/check.h"
#include "codec/tls.h"
#include "relay/chain.h"
#include "store/transaction.h"

namespace cercle::relay {
namespace {

// docs/spec/unlock-share.md explains them.
constexpr std::array<store::Sql, 1> share_schema{
    R"(
CREATE TABLE tally (
    one      INTEGER PRIMARY KEY CHECK (one = 1),
    life     BLOB    NOT NULL,
    changes  INTEGER NOT NULL,
    anchored INTEGER NOT NULL CHECK (anchored IN (0, 1)),
    digest   BLOB    NOT NULL
) STRICT;

CREATE TABLE shares (
    device       BLOB    PRIMARY KEY,
    key          BLOB    NOT NULL UNIQUE,
    verifier     BLOB    NOT NULL,
    share        BLOB    NOT NULL,
    wrong        INTEGER NOT NULL,
    wrong_before INTEGER NOT NULL,
    last         INTEGER NOT NULL,
    became       INTEGER NOT NULL CHECK (became IN (0, 1, 2)),
    asked_under  BLOB    NOT NULL,
    asked        BLOB    NOT NULL,
    digest       BLOB    NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX shares_asked ON shares (asked_under);
)"};

static_assert(share_schema.size() == share_store_version);

/// Over all of a row, so that no flipped bit in it is taken for what the relay wrote.
ContentHash digest_of(const UnlockShare& share) {
    return content_hash(ContentOf::Share, codec::encode_secret(share).reveal());
}

ContentHash digest_of(const StoredTally& tally) {
    return content_hash(ContentOf::Tally, codec::encode(tally));
}

class SqliteShares final : public ShareTables {
  public:
    SqliteShares(store::Database& database, store::Transaction* transaction)
        : database_(database),
          transaction_(transaction) {}

    Result<StoredTally> tally() override {
        TRY(const auto row,
            (database_.one<ShareLife, ChangeNumber, std::uint8_t, ContentHash>(
                "SELECT life, changes, anchored, digest FROM tally")));
        if (!row) return fail(Code::store_corrupt, "the shares do not say how far they have come");
        const auto& [life, changes, anchored, digest] = *row;
        const StoredTally tally{{life, changes}, anchored};
        if (digest_of(tally) != digest) {
            return fail(Code::store_corrupt, "the shares' tally is not what the relay wrote");
        }
        return tally;
    }

    Result<void> set_tally(const StoredTally& tally) override {
        return writing().run(
            "INSERT INTO tally (one, life, changes, anchored, digest) VALUES (1, ?1, ?2, ?3, ?4)"
            " ON CONFLICT DO UPDATE SET life = excluded.life, changes = excluded.changes,"
            " anchored = excluded.anchored, digest = excluded.digest",
            tally.tally.life,
            tally.tally.changes,
            tally.anchored,
            digest_of(tally));
    }

    Result<std::optional<UnlockShare>> find_share(const HolderKey& key) override {
        return one_share(
            "SELECT device, key, verifier, share, wrong, wrong_before, last, became, asked_under,"
            " asked, digest FROM shares WHERE key = ?1",
            key);
    }

    Result<std::optional<UnlockShare>> find_share_of(const DeviceKey& device) override {
        return one_share(
            "SELECT device, key, verifier, share, wrong, wrong_before, last, became, asked_under,"
            " asked, digest FROM shares WHERE device = ?1",
            device);
    }

    Result<std::optional<UnlockShare>> find_share_asked_under(const HolderKey& key) override {
        return one_share(
            "SELECT device, key, verifier, share, wrong, wrong_before, last, became, asked_under,"
            " asked, digest FROM shares WHERE asked_under = ?1 AND became <> 0",
            key);
    }

    Result<void> put_share(const UnlockShare& share) override {
        TRY_VOID(delete_share(share.device));
        return writing().run(
            "INSERT INTO shares (device, key, verifier, share, wrong, wrong_before, last, became,"
            " asked_under, asked, digest)"
            " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
            share.device,
            share.key,
            share.verifier,
            share.share,
            share.wrong,
            share.wrong_before,
            share.last,
            share.became,
            share.asked_under,
            share.asked,
            digest_of(share));
    }

    Result<void> delete_share(const DeviceKey& device) override {
        return writing().run("DELETE FROM shares WHERE device = ?1", device);
    }

    Result<void> each_share(const std::function<Result<void>(const UnlockShare&)>& visit) override {
        return visit_shares(
            visit,
            "SELECT device, key, verifier, share, wrong, wrong_before, last, became, asked_under,"
            " asked, digest FROM shares ORDER BY device");
    }

  private:
    [[nodiscard]] store::Transaction& writing() const {
        CHECK(transaction_ != nullptr, "shares that are only looked at are written");
        return *transaction_;
    }

    template <class... Value>
    Result<void> visit_shares(const std::function<Result<void>(const UnlockShare&)>& visit,
                              store::Sql sql,
                              const Value&... values) {
        const auto pass_on = [&visit](DeviceKey device,
                                      HolderKey key,
                                      TokenHash verifier,
                                      Secret share,
                                      std::uint8_t wrong,
                                      std::uint8_t wrong_before,
                                      Stamp last,
                                      LastGuess became,
                                      HolderKey asked_under,
                                      ContentHash asked,
                                      ContentHash digest) -> Result<store::Visit> {
            const UnlockShare found{device,
                                    key,
                                    verifier,
                                    std::move(share),
                                    wrong,
                                    wrong_before,
                                    last,
                                    became,
                                    asked_under,
                                    asked};
            if (digest_of(found) != digest) {
                return fail(Code::store_corrupt, "an unlock share is not what the relay wrote");
            }
            TRY_VOID(visit(found));
            return store::Visit::Continue;
        };
        return database_.each<DeviceKey,
                              HolderKey,
                              TokenHash,
                              Secret,
                              std::uint8_t,
                              std::uint8_t,
                              Stamp,
                              LastGuess,
                              HolderKey,
                              ContentHash,
                              ContentHash>(pass_on, sql, values...);
    }

    template <class Key>
    Result<std::optional<UnlockShare>> one_share(store::Sql sql, const Key& key) {
        std::optional<UnlockShare> found;
        TRY_VOID(visit_shares(
            [&found](const UnlockShare& share) -> Result<void> {
                found = UnlockShare{share.device,
                                    share.key,
                                    share.verifier,
                                    share.share.copy(),
                                    share.wrong,
                                    share.wrong_before,
                                    share.last,
                                    share.became,
                                    share.asked_under,
                                    share.asked};
                return {};
            },
            sql,
            key));
        return found;
    }

    store::Database& database_;
    store::Transaction* transaction_;
};

class SqliteShareStore final : public ShareStore {
  public:
    explicit SqliteShareStore(store::Database database)
        : database_(std::move(database)) {}

    Result<void> transact(const Work& work) override {
        TRY(auto transaction, database_.begin());
        SqliteShares tables(database_, &transaction);
        TRY_VOID(work(tables));
        return std::move(transaction).commit();
    }

    Result<void> look(const Work& work) override {
        SqliteShares tables(database_, nullptr);
        return work(tables);
    }

    // secure_delete has overwritten it in the pages; older ones stand in the write-ahead log.
    Result<void> wipe_deleted() override { return database_.checkpoint(); }

    Result<void> check_integrity() override { return database_.check_integrity(); }

  private:
    store::Database database_;
};

}  // namespace

Result<std::unique_ptr<ShareStore>> open_sqlite_shares(const store::Place& place, Random& random) {
    store::Place checked = place;
    checked.pages = store::Pages::Checked;
    TRY(auto database, store::Database::open(checked));
    TRY_VOID(database.migrate(share_schema));
    TRY(const auto row, database.one<std::uint64_t>("SELECT count(*) FROM tally"));
    auto shares = std::make_unique<SqliteShareStore>(std::move(database));
    if (row && std::get<0>(*row) != 0) return shares;
    const StoredTally first{{ShareLife::random(random), {0}}, 0};
    TRY_VOID(shares->transact([&first](ShareTables& tables) { return tables.set_tally(first); }));
    return shares;
}

}  // namespace cercle::relay
