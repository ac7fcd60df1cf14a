// SPDX-License-Identifier: AGPL-3.0-or-later
#include "apps/relayd/data_directory.h"

#include <array>
#include <string_view>
#include <system_error>

#include "apps/relayd/identity.h"
#include "crypto/random.h"
#include "relay/incarnation.h"
#include "relay/log_sqlite.h"
#include "relay/share_sqlite.h"

namespace cercle::relayd {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view key_name = "relay.key";
constexpr std::string_view database_name = "relay.db";
constexpr std::string_view shares_name = "shares.db";
constexpr std::string_view incarnation_name = "incarnation";
constexpr std::size_t longest_key_file = 4096;

bool is_ours(std::string_view name) {
    constexpr std::array<std::string_view, 17> ours{"lock",
                                                    "control",
                                                    "relay.key",
                                                    "relay.key.new",
                                                    "relay.db",
                                                    "relay.db-wal",
                                                    "relay.db-shm",
                                                    "relay.db-journal",
                                                    "incarnation",
                                                    "incarnation.new",
                                                    "snapshot.db",
                                                    "snapshot.db-journal",
                                                    "snapshot.db-wal",
                                                    "shares.db",
                                                    "shares.db-wal",
                                                    "shares.db-shm",
                                                    "shares.db-journal"};
    for (const std::string_view one : ours) {
        if (one == name) return true;
    }
    return false;
}

Result<void> make_parent(const fs::path& path) {
    std::error_code error;
    const fs::path parent = fs::absolute(path, error).lexically_normal().parent_path();
    if (!error) fs::create_directories(parent, error);
    if (error) return fail(Code::disk_fault, "the directory's parent cannot be made");
    return {};
}

Result<void> make_key(const fs::path& path, Random& random) {
    const auto identity = net::ServerIdentity::generate(random);
    const Secret pem = identity.save();
    return store::write_private_file(path / key_name, pem.reveal());
}

/// What a restore has signed, if there was one, is of this relay.
using Restored = std::optional<protocol::IncarnationStatement>;

Result<Restored> check_incarnation(const fs::path& path,
                                   const net::ServerIdentity& identity,
                                   relay::LogStore& logs) {
    const auto file = store::read_private_file(path / incarnation_name, longest_key_file);
    if (!file.has_value() && file.error().code == Code::not_found) return Restored();
    if (!file.has_value()) return std::unexpected(file.error());
    TRY(const auto statement, relay::check_incarnation(file->reveal(), identity));
    TRY_VOID(logs.look([&statement](relay::LogTables& tables) -> Result<void> {
        TRY(const auto known, tables.identity());
        if (known.incarnation != statement.now) {
            return fail(Code::store_corrupt, "the store is of another incarnation than was signed");
        }
        return {};
    }));
    return Restored(statement);
}

/// Whether a file would come back with the directory when that is restored.
bool lies_within(const fs::path& file, const fs::path& directory) {
    std::error_code error;
    const fs::path way = fs::weakly_canonical(file, error)
                             .lexically_relative(fs::weakly_canonical(directory, error));
    return error || way.empty() || *way.begin() != "..";
}

Result<std::unique_ptr<relay::UnlockShares>> open_shares(const fs::path& path,
                                                         const AnchorPath& anchor,
                                                         Random& random) {
    if (anchor && lies_within(*anchor, path)) {
        return fail(Code::invalid_argument, "the anchor has to lie outside of the data directory");
    }
    TRY(auto shares, relay::open_sqlite_shares({path / shares_name}, random));
    return relay::UnlockShares::open(std::move(shares),
                                     anchor ? relay::system_anchor(*anchor) : nullptr);
}

Result<DataDirectory> open_parts(const fs::path& path,
                                 store::DirectoryLock lock,
                                 const AnchorPath& anchor) {
    TRY(auto identity, own_identity(path));
    std::error_code ignored;
    for (const char* const left : {"snapshot.db", "snapshot.db-journal", "snapshot.db-wal"})
        fs::remove(path / left, ignored);  // of a backup that was interrupted
    crypto::SystemRandom random;
    TRY(auto shares, open_shares(path, anchor, random));
    TRY(auto logs, relay::open_sqlite_store({path / database_name}, random, std::move(shares)));
    TRY(const auto restored, check_incarnation(path, identity, *logs));
    return DataDirectory{path, std::move(lock), std::move(identity), std::move(logs), restored};
}

}  // namespace

Result<Condition> condition_of(const fs::path& path) {
    store::close_empty_directory(path);
    const auto usable = store::check_private_directory(path);
    if (!usable.has_value() && usable.error().code == Code::not_found) return Condition::Missing;
    TRY_VOID(usable);
    bool empty = true;
    bool foreign = false;
    std::error_code error;
    for (fs::directory_iterator at(path, error); !error && at != fs::directory_iterator();
         at.increment(error)) {
        const std::string name = at->path().filename().string();
        empty = empty && name == "lock";
        foreign = foreign || !is_ours(name);
    }
    if (error) return fail(Code::disk_fault, "the directory cannot be read");
    if (fs::exists(path / key_name, error)) return Condition::Complete;
    if (foreign) return Condition::Foreign;
    return empty ? Condition::Empty : Condition::Unfinished;
}

Result<DataDirectory> make_data_directory(const fs::path& path, const AnchorPath& anchor) {
    TRY_VOID(make_parent(path));
    TRY_VOID(store::make_private_directory(path));
    TRY(auto lock, store::DirectoryLock::take(path));
    TRY(const Condition condition, condition_of(path));
    if (condition == Condition::Complete) {
        return fail(Code::already_exists, "a relay lives here already");
    }
    if (condition == Condition::Foreign) {
        return fail(Code::already_exists, "the directory holds something else");
    }
    crypto::SystemRandom random;
    {
        TRY(const auto logs, relay::open_sqlite_store({path / database_name}, random));
        TRY_VOID(logs->look([](relay::LogTables& tables) -> Result<void> {
            TRY(const auto identity, tables.identity());
            if (identity.officer) {
                return fail(Code::store_corrupt, "the relay's key file is missing");
            }
            return {};
        }));
    }
    TRY_VOID(make_key(path, random));
    return open_parts(path, std::move(lock), anchor);
}

Result<DataDirectory> open_data_directory(const fs::path& path, const AnchorPath& anchor) {
    TRY(const Condition condition, condition_of(path));
    if (condition != Condition::Complete) {
        return fail(Code::not_found, "no relay lives in this directory; `init` makes one");
    }
    TRY(auto lock, store::DirectoryLock::take(path));
    std::error_code error;
    if (!fs::exists(path / database_name, error)) {
        return fail(Code::store_corrupt, "the relay's database is missing");
    }
    return open_parts(path, std::move(lock), anchor);
}

Result<store::DirectoryLock> lock_bare_directory(const fs::path& path) {
    TRY_VOID(make_parent(path));
    TRY_VOID(store::make_private_directory(path));
    TRY(auto lock, store::DirectoryLock::take(path));
    TRY(const Condition condition, condition_of(path));
    if (condition != Condition::Empty) {
        return fail(Code::already_exists, "the data directory holds something already");
    }
    return lock;
}

void empty_bare_directory(const fs::path& path) {
    std::error_code error;
    for (fs::directory_iterator at(path, error); !error && at != fs::directory_iterator();
         at.increment(error)) {
        const std::string name = at->path().filename().string();
        std::error_code ignored;
        if (name != "lock" && is_ours(name)) fs::remove(at->path(), ignored);
    }
}

}  // namespace cercle::relayd
