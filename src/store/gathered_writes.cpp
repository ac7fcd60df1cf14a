// SPDX-License-Identifier: AGPL-3.0-or-later
#include "store/gathered_writes.h"

namespace cercle::store {

int GatheredWrites::write(sqlite3_file* below, BytesView bytes, sqlite3_int64 offset) {
    const bool follows = offset == begin_ + static_cast<sqlite3_int64>(held_.size());
    if (!held_.empty() && (!follows || held_.size() + bytes.size() > most)) {
        if (const int code = flush(below); code != SQLITE_OK) return code;
    }
    if (held_.empty()) begin_ = offset;
    held_.insert(held_.end(), bytes.begin(), bytes.end());
    return SQLITE_OK;
}

int GatheredWrites::flush(sqlite3_file* below) {
    if (held_.empty()) return SQLITE_OK;
    const int code =
        below->pMethods->xWrite(below, held_.data(), static_cast<int>(held_.size()), begin_);
    held_.clear();
    return code;
}

}  // namespace cercle::store
