// SPDX-License-Identifier: AGPL-3.0-or-later
#include "store/statement.h"

#include <sqlite3.h>

#include "base/check.h"
#include "store/connection.h"

namespace cercle::store {
namespace {

// A null pointer would bind NULL where empty bytes or text are meant.
constexpr char nothing[] = "";

}  // namespace

Statement::~Statement() {
    if (prepared_ != nullptr) connection_->give_back(sql_, prepared_);
}

Result<void> Statement::bind_null(int at) {
    const int code = sqlite3_bind_null(prepared_, at);
    if (code != SQLITE_OK) return connection_->refusal(code);
    return {};
}

Result<void> Statement::bind_integer(int at, std::int64_t value) {
    const int code = sqlite3_bind_int64(prepared_, at, value);
    if (code != SQLITE_OK) return connection_->refusal(code);
    return {};
}

Result<void> Statement::bind_blob(int at, BytesView value) {
    const void* const memory = value.empty() ? nothing : static_cast<const void*>(value.data());
    const int code = sqlite3_bind_blob64(prepared_, at, memory, value.size(), SQLITE_STATIC);
    if (code != SQLITE_OK) return connection_->refusal(code);
    return {};
}

Result<void> Statement::bind_text(int at, std::string_view value) {
    const char* const memory = value.empty() ? nothing : value.data();
    const int code =
        sqlite3_bind_text64(prepared_, at, memory, value.size(), SQLITE_STATIC, SQLITE_UTF8);
    if (code != SQLITE_OK) return connection_->refusal(code);
    return {};
}

Result<bool> Statement::step() {
    const int code = sqlite3_step(prepared_);
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    return connection_->refusal(code);
}

Result<void> Statement::finish() {
    TRY(const bool row, step());
    CHECK(!row, "run() is for statements without rows");
    return {};
}

bool Statement::only_reads() const {
    return sqlite3_stmt_readonly(prepared_) != 0;
}

void Statement::expect_columns(std::size_t count) const {
    CHECK(std::cmp_equal(sqlite3_column_count(prepared_), count),
          "a row of another width than was asked for");
}

bool Statement::is_null(int at) const {
    return sqlite3_column_type(prepared_, at) == SQLITE_NULL;
}

Result<std::int64_t> Statement::integer(int at) const {
    if (sqlite3_column_type(prepared_, at) != SQLITE_INTEGER) {
        return fail(Code::store_corrupt, "a column that should hold a number does not");
    }
    return sqlite3_column_int64(prepared_, at);
}

Result<BytesView> Statement::blob(int at) const {
    if (sqlite3_column_type(prepared_, at) != SQLITE_BLOB) {
        return fail(Code::store_corrupt, "a column that should hold bytes does not");
    }
    const auto* const memory = static_cast<const std::uint8_t*>(sqlite3_column_blob(prepared_, at));
    return BytesView(memory, static_cast<std::size_t>(sqlite3_column_bytes(prepared_, at)));
}

Result<std::string_view> Statement::text(int at) const {
    if (sqlite3_column_type(prepared_, at) != SQLITE_TEXT) {
        return fail(Code::store_corrupt, "a column that should hold text does not");
    }
    const auto* const memory = reinterpret_cast<const char*>(sqlite3_column_text(prepared_, at));
    return std::string_view(memory, static_cast<std::size_t>(sqlite3_column_bytes(prepared_, at)));
}

}  // namespace cercle::store
