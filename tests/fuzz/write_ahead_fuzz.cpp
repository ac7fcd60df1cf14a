// SPDX-License-Identifier: AGPL-3.0-or-later
//
// A write-ahead log as a crash or a failing disk may leave it: some verdict, and the same each
// time.
#include "store/write_ahead.h"
#include "tests/fuzz/round_trip.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace cercle;
    const BytesView bytes(data, size);
    // As they are; and, so that small inputs reach frames, over and over.
    static_cast<void>(store::judge_write_ahead(bytes));
    if (bytes.empty()) return 0;
    Bytes log;
    while (log.size() < 32 + 3 * (24 + 4096))
        log.insert(log.end(), bytes.begin(), bytes.end());
    const auto verdict = store::judge_write_ahead(log);
    fuzz::must_hold(verdict == store::judge_write_ahead(log));
    return 0;
}
