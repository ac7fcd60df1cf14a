// SPDX-License-Identifier: AGPL-3.0-or-later
#include "relay/backup.h"

#include <array>
#include <string_view>
#include <system_error>
#include <utility>

#include "crypto/random.h"
#include "relay/incarnation.h"
#include "relay/log_sqlite.h"

namespace cercle::relay {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view list_name = "backup";
constexpr std::string_view database_name = "relay.db";
constexpr std::string_view key_name = "relay.key";
constexpr std::string_view incarnation_name = "incarnation";
constexpr std::array<std::string_view, 2> small_files{"relay.key", "incarnation"};
constexpr std::size_t longest_list = 4096;
constexpr std::size_t longest_key = std::size_t{64} << 10U;

struct Looked {
    Identity identity;
    Verified verified;
};

/// Opens a store, looks at all of it and closes it again.
Result<Looked> look_through(const fs::path& database) {
    crypto::SystemRandom random;
    TRY(const auto store, open_sqlite_store({database}, random));
    Looked looked{};
    TRY(looked.verified, verify(*store));
    TRY_VOID(store->look([&looked](LogTables& tables) -> Result<void> {
        TRY(looked.identity, tables.identity());
        return {};
    }));
    return looked;
}

/// Nothing but a lock may be there.
Result<void> refuse_unless_bare(const fs::path& path) {
    std::error_code error;
    fs::directory_iterator at(path, error);
    for (; !error && at != fs::directory_iterator(); at.increment(error)) {
        if (at->path().filename() != "lock") {
            return fail(Code::already_exists, "the directory holds something already");
        }
    }
    if (error) return fail(Code::disk_fault, "the directory cannot be read");
    return {};
}

}  // namespace

Result<Verified> complete_backup(const fs::path& store_copy,
                                 const fs::path& data,
                                 const fs::path& target) {
    TRY_VOID(store::make_private_directory(target));
    TRY_VOID(refuse_unless_bare(target));
    TRY_VOID(store::copy_private_file(store_copy, target / database_name));
    TRY(const Looked looked, look_through(target / database_name));
    BackupList list;
    list.store = store_version;
    list.incarnation = looked.identity.incarnation;
    TRY(const auto database, store::content_of_private_file(target / database_name));
    list.files.push_back({std::string(database_name), database});
    for (const std::string_view name : small_files) {
        const auto copied = store::copy_private_file(data / name, target / name);
        if (!copied.has_value() && copied.error().code == Code::not_found && name != key_name) {
            continue;
        }
        TRY(const store::FileContent content, copied);
        list.files.push_back({std::string(name), content});
    }
    TRY_VOID(store::write_private_file(target / list_name, view_of(list.text())));
    TRY_VOID(check_backup(target));
    return looked.verified;
}

Result<BackupList> check_backup(const fs::path& backup) {
    TRY_VOID(store::check_private_directory(backup));
    const auto text = store::read_private_file(backup / list_name, longest_list);
    if (!text.has_value() && text.error().code == Code::not_found) {
        return fail(Code::not_found, "the directory holds no backup, or one that was not finished");
    }
    if (!text.has_value()) return std::unexpected(text.error());
    TRY(auto list, BackupList::parse(to_text(text->reveal())));
    for (const BackupList::File& file : list.files) {
        const auto content = store::content_of_private_file(backup / file.name);
        if (!content.has_value() && content.error().code == Code::not_found) {
            return fail(Code::store_corrupt, "a file of the backup is missing");
        }
        TRY_VOID(content);
        if (*content != file.content) {
            return fail(Code::store_corrupt, "a file of the backup is not what its list says");
        }
    }
    return list;
}

Result<Restored> restore_backup(const fs::path& backup,
                                const fs::path& data,
                                protocol::Stamp now,
                                Random& random) {
    TRY_VOID(refuse_unless_bare(data));
    TRY(const BackupList list, check_backup(backup));
    TRY(const Secret pem, store::read_private_file(backup / key_name, longest_key));
    TRY(const auto identity, net::ServerIdentity::load(pem.reveal()));
    TRY(const auto copied, store::copy_private_file(backup / database_name, data / database_name));
    if (copied != list.files.front().content) {
        return fail(Code::store_corrupt, "a file of the backup changed while it was read");
    }
    const IncarnationStatement statement{
        list.incarnation, protocol::Incarnation::random(random), now};
    {
        TRY(const auto store, open_sqlite_store({data / database_name}, random));
        TRY_VOID(store->transact([&statement](LogTables& tables) -> Result<void> {
            TRY(const Identity identity_before, tables.identity());
            if (identity_before.incarnation != statement.before) {
                return fail(Code::store_corrupt, "the backup's list is of another store");
            }
            return tables.set_incarnation(statement.now);
        }));
    }
    TRY(const Looked looked, look_through(data / database_name));
    TRY_VOID(
        store::write_private_file(data / incarnation_name, sign_incarnation(identity, statement)));
    TRY_VOID(store::write_private_file(data / key_name, pem.reveal()));
    return Restored{statement.before, statement.now, looked.verified, identity.key()};
}

}  // namespace cercle::relay
