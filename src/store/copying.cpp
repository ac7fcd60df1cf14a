// SPDX-License-Identifier: AGPL-3.0-or-later
#include "store/copying.h"

#include <utility>

#include <sqlite3.h>

#include "base/check.h"
#include "store/checked_disk.h"
#include "store/connection.h"
#include "store/descriptor.h"
#include "store/private_file.h"

namespace cercle::store {

struct Copying::State {
    State(Connection& its_original, std::filesystem::path its_target)
        : original(its_original),
          target(std::move(its_target)) {}

    State(const State&) = delete;
    State& operator=(const State&) = delete;

    ~State() {
        close();
        if (finished) return;
        std::error_code ignored;
        std::filesystem::remove(target, ignored);
        std::filesystem::path journal = target;
        journal += "-journal";
        std::filesystem::remove(journal, ignored);
    }

    /// What SQLite says of the copy as a whole.
    int close() {
        const int code = sqlite3_backup_finish(std::exchange(backup, nullptr));
        sqlite3_close_v2(std::exchange(copy, nullptr));
        return code;
    }

    Connection& original;
    std::filesystem::path target;
    /// On which the copy lies: what was written since the last checkpoint has no checksums yet.
    std::unique_ptr<CheckedDisk> disk;
    sqlite3* copy = nullptr;
    sqlite3_backup* backup = nullptr;
    bool finished = false;
};

Copying::Copying(std::unique_ptr<State> state)
    : state_(std::move(state)) {}

Copying::Copying(Copying&&) noexcept = default;
Copying& Copying::operator=(Copying&&) noexcept = default;
Copying::~Copying() = default;

Result<Copying> Copying::begin(Database& original, const std::filesystem::path& target) {
    TRY_VOID(check_private_directory(directory_of(target)));
    std::error_code error;
    if (std::filesystem::exists(std::filesystem::symlink_status(target, error))) {
        return fail(Code::already_exists, "something lies where the copy would be");
    }
    // Made here, so that its mode never depends on the umask.
    TRY_VOID(make_private_file(target));
    auto state = std::make_unique<State>(*original.connection_, target);
    if (original.connection_->checks_pages()) state->disk = std::make_unique<CheckedDisk>("");
    const int opened = sqlite3_open_v2(
        target.c_str(),
        &state->copy,
        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW,
        state->disk ? state->disk->name().c_str() : nullptr);
    if (opened != SQLITE_OK) return refusal_of(opened, false);
    sqlite3_extended_result_codes(state->copy, 1);
    state->backup =
        sqlite3_backup_init(state->copy, "main", original.connection_->handle(), "main");
    if (state->backup == nullptr) return refusal_of(sqlite3_errcode(state->copy), false);
    return Copying(std::move(state));
}

Result<Copying::Progress> Copying::next(std::uint32_t pages) {
    State& state = *state_;
    CHECK(state.backup != nullptr, "a copy that is finished already");
    CHECK(!state.original.in_transaction, "copying inside a transaction");
    const int code = sqlite3_backup_step(state.backup, static_cast<int>(pages));
    if (code == SQLITE_OK) return Progress::More;
    if (code != SQLITE_DONE) return refusal_of(code, false);
    const int closed = state.close();
    if (closed != SQLITE_OK) return refusal_of(closed, false);
    TRY_VOID(sync_directory(directory_of(state.target)));
    state.finished = true;
    return Progress::Finished;
}

}  // namespace cercle::store
