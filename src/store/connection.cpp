// SPDX-License-Identifier: AGPL-3.0-or-later
#include "store/connection.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/check.h"
#include "store/private_file.h"

// Declared only where SQLITE_HAS_CODEC is, which the package's flags leave out.
extern "C" int sqlite3_key(sqlite3* database, const void* key, int size);

namespace cercle::store {
namespace {

// The raw form x'<64 digits>' keeps SQLCipher from stretching what is a key already.
Secret raw_form(const Secret& key) {
    constexpr std::array<std::uint8_t, 16> digits{
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'};
    Secret form(2 * key.size() + 3);
    const auto target = form.expose();
    std::size_t at = 0;
    target[at++] = 'x';
    target[at++] = '\'';
    for (const std::uint8_t byte : key.reveal()) {
        target[at++] = digits[byte >> 4U];
        target[at++] = digits[byte & 0xfU];
    }
    target[at] = '\'';
    return form;
}

/// What lies in a database's write-ahead log; nothing if there is none.
Result<Bytes> read_write_ahead(const Place& place) {
    sqlite3_vfs* const vfs = sqlite3_vfs_find(place.vfs.empty() ? nullptr : place.vfs.c_str());
    CHECK(vfs != nullptr, "the disk is there");
    // SQLite wants two zeros behind a name.
    const std::string path = place.path.string() + "-wal" + std::string(1, '\0');
    int there = 0;
    if (vfs->xAccess(vfs, path.c_str(), SQLITE_ACCESS_EXISTS, &there) != SQLITE_OK || there == 0) {
        return Bytes{};
    }
    std::vector<std::max_align_t> room(
        static_cast<std::size_t>(vfs->szOsFile) / sizeof(std::max_align_t) + 1);
    auto* const file = reinterpret_cast<sqlite3_file*>(room.data());
    int code = vfs->xOpen(vfs, path.c_str(), file, SQLITE_OPEN_READONLY | SQLITE_OPEN_WAL, nullptr);
    Bytes content;
    if (code == SQLITE_OK) {
        sqlite3_int64 size = 0;
        code = file->pMethods->xFileSize(file, &size);
        if (code == SQLITE_OK && size > 0) {
            content.resize(static_cast<std::size_t>(size));
            code = file->pMethods->xRead(file, content.data(), static_cast<int>(size), 0);
        }
    }
    if (file->pMethods != nullptr) file->pMethods->xClose(file);
    if (code != SQLITE_OK) return refusal_of(code, false);
    return content;
}

}  // namespace

std::unexpected<Error> refusal_of(int code, bool keyed, std::source_location where) {
    switch (code & 0xff) {
        case SQLITE_FULL:
            return fail(Code::disk_full, "the disk is full", where);
        case SQLITE_IOERR:
            if (code == SQLITE_IOERR_DATA) {
                return fail(
                    Code::store_corrupt, "a page of the database is not as it was written", where);
            }
            return fail(Code::disk_fault, "the disk failed", where);
        case SQLITE_CANTOPEN:
            return fail(Code::disk_fault, "the database file cannot be opened", where);
        case SQLITE_CORRUPT:
            return fail(Code::store_corrupt, "the database is damaged", where);
        case SQLITE_NOTADB:
            if (keyed) return fail(Code::wrong_key, "the database does not open", where);
            return fail(Code::store_corrupt, "the file is no database", where);
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return fail(Code::busy, "another process has opened this database", where);
        case SQLITE_CONSTRAINT:
            return fail(Code::already_exists, "the database holds that already", where);
        case SQLITE_READONLY:
        case SQLITE_PERM:
            return fail(Code::permissions, "the database may not be written", where);
        case SQLITE_TOOBIG:
            return fail(Code::too_large, "more than a row can hold", where);
        case SQLITE_NOMEM:
            end_on_bug("out of memory", where);
        default:
            return fail(Code::library_fault, "the database refused a statement", where);
    }
}

Result<std::unique_ptr<Connection>> Connection::open(const Place& place, const Secret& key) {
    if (!key.empty() && key.size() != key_size) {
        return fail(Code::invalid_argument, "a database key has 32 bytes");
    }
    if (place.vfs.empty()) {
        TRY_VOID(check_private_directory(place.path.parent_path()));
        TRY_VOID(check_private_file(place.path));
        // Made here, so that its mode (which the -wal file inherits) never depends on the umask.
        TRY_VOID(make_private_file(place.path));
    }
    std::unique_ptr<CheckedDisk> disk;
    WriteAhead found = WriteAhead::Whole;
    std::string vfs = place.vfs;
    if (place.pages == Pages::Checked) {
        CHECK(key.empty(), "pages under a key are authenticated already");
        disk = std::make_unique<CheckedDisk>(place.vfs);
        TRY(const Bytes log, read_write_ahead(place));
        found = judge_write_ahead(log);
        vfs = disk->name();
    }
    sqlite3* handle = nullptr;
    // NOMUTEX: one thread at a time, by contract.
    const int code = sqlite3_open_v2(
        place.path.c_str(),
        &handle,
        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW,
        vfs.empty() ? nullptr : vfs.c_str());
    auto connection = std::make_unique<Connection>(handle, !key.empty(), std::move(disk), found);
    if (code != SQLITE_OK) return connection->refusal(code);
    TRY_VOID(connection->set_up(key));
    return connection;
}

// What is damaged stays as it is, for whoever may know more of it. Unless somebody else has it
// open: then what was seen is what he was writing.
Result<void> Connection::refuse_damaged() {
    sqlite3_db_config(handle_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    TRY_VOID(execute("PRAGMA locking_mode = EXCLUSIVE; BEGIN IMMEDIATE; ROLLBACK;"));
    return fail(Code::store_corrupt, "the write-ahead log is not as it was written");
}

Result<void> Connection::set_up(const Secret& key) {
    sqlite3_extended_result_codes(handle_, 1);
    if (found_ == WriteAhead::Damaged) return refuse_damaged();
    // A program speaks through its diary; the library would print by itself.
    TRY_VOID(execute("PRAGMA cipher_log_level = NONE"));
    if (keyed_) {
        const Secret form = raw_form(key);
        const int code = sqlite3_key(handle_, form.reveal().data(), static_cast<int>(form.size()));
        if (code != SQLITE_OK) return refusal(code);
    }
    // A damaged or planted schema must not make the library do what no statement of ours says.
    sqlite3_db_config(handle_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(handle_, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    sqlite3_db_config(handle_, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
    sqlite3_db_config(handle_, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
    sqlite3_db_config(handle_, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, nullptr);
    if (disk_ != nullptr) {
        int reserve = page_reserve;
        const int code =
            sqlite3_file_control(handle_, "main", SQLITE_FCNTL_RESERVE_BYTES, &reserve);
        if (code != SQLITE_OK) return refusal(code);
    }
    // EXCLUSIVE before WAL: the file is taken for good and the index of the write-ahead log
    // stays in this process's memory, so no second connection can exist. auto_vacuum before the
    // first table. synchronous=FULL syncs the log at each commit.
    TRY_VOID(
        execute("PRAGMA locking_mode = EXCLUSIVE;"
                "PRAGMA auto_vacuum = INCREMENTAL;"
                "PRAGMA journal_mode = WAL;"
                "PRAGMA synchronous = FULL;"
                "PRAGMA wal_autocheckpoint = 1000;"
                "PRAGMA journal_size_limit = 16777216;"
                "PRAGMA secure_delete = ON;"
                "PRAGMA temp_store = MEMORY;"
                "PRAGMA foreign_keys = ON;"
                "PRAGMA cell_size_check = ON;"
                "PRAGMA mmap_size = 0;"));
    // The first statement that takes the lock and reads the file: a wrong key shows here.
    TRY_VOID(execute("BEGIN IMMEDIATE; SELECT count(*) FROM sqlite_schema; ROLLBACK;"));
    // What an earlier process left in the write-ahead log may only look written: if its sync had
    // failed, the system has let go of it, and a log that is continued behind such a hole is lost
    // from there on with the power. So all of it goes into the file, and is synced there, first.
    TRY_VOID(empty_log());
    return give_checksums();
}

Result<void> Connection::empty_log() {
    const int moved =
        sqlite3_wal_checkpoint_v2(handle_, nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
    if (moved != SQLITE_OK) return refusal(moved);
    return {};
}

// VACUUM writes every page anew, with the room that was asked for.
Result<void> Connection::give_checksums() {
    if (disk_ == nullptr || !lacks_checksums(handle_)) return {};
    TRY_VOID(execute("VACUUM"));
    TRY_VOID(empty_log());
    if (!lacks_checksums(handle_)) return {};
    return fail(Code::library_fault, "the database takes no checksums");
}

Result<void> Connection::check_pages() {
    if (disk_ == nullptr) return {};
    CHECK(!in_transaction, "pages are read outside of transactions");
    // So that the file holds all.
    TRY_VOID(empty_log());
    const int code = read_all_pages(handle_);
    if (code != SQLITE_OK) return refusal(code);
    return {};
}

Connection::~Connection() {
    for (const auto& [sql, statements] : idle_) {
        for (sqlite3_stmt* const prepared : statements)
            sqlite3_finalize(prepared);
    }
    // Checkpoints and removes the write-ahead log; if that fails, the log is there next time.
    sqlite3_close_v2(handle_);
}

Result<void> Connection::execute(const char* sql) {
    const int code = sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) return refusal(code);
    return {};
}

Result<void> Connection::run(const char* sql) {
    TRY(auto statement, prepare(sql));
    return statement.finish();
}

void Connection::checkpoint_by_hand() {
    // The hook takes the place of the one that is SQLite's own checkpointer.
    sqlite3_wal_hook(
        handle_,
        [](void* connection, sqlite3*, const char*, int pages) {
            static_cast<Connection*>(connection)->pages_waiting = pages;
            return SQLITE_OK;
        },
        this);
}

Result<Statement> Connection::prepare(const char* sql) {
    auto& idle = idle_[sql];
    if (!idle.empty()) {
        sqlite3_stmt* const prepared = idle.back();
        idle.pop_back();
        return Statement(*this, sql, prepared);
    }
    sqlite3_stmt* prepared = nullptr;
    const char* rest = nullptr;
    const int code =
        sqlite3_prepare_v3(handle_, sql, -1, SQLITE_PREPARE_PERSISTENT, &prepared, &rest);
    if (code != SQLITE_OK) return refusal(code);
    CHECK(prepared != nullptr && *rest == '\0', "one statement, and nothing behind it");
    return Statement(*this, sql, prepared);
}

void Connection::give_back(const char* sql, sqlite3_stmt* prepared) {
    sqlite3_reset(prepared);
    sqlite3_clear_bindings(prepared);
    idle_[sql].push_back(prepared);
}

}  // namespace cercle::store
