// SPDX-License-Identifier: AGPL-3.0-or-later
#include <algorithm>

#include "access/label.h"
#include "codec/tls.h"
#include "relay/bounds.h"
#include "relay/contest.h"
#include "relay/decide_parts.h"

// Reading: from the entry on that gave the right, up to the one that took it; and what a reader
// says it has kept, by which a log may be trimmed (sweep.cpp).

namespace cercle::relay {
namespace {

Seq last_visible(const Log& log, const Reader& reader) {
    return reader.dropped_at ? std::min(log.head, *reader.dropped_at) : log.head;
}

}  // namespace

Result<Answer> decide_on(const Bench& bench, const protocol::OpenLog& request) {
    TRY(const auto log, bench.tables.find_log(request.log));
    TRY(const auto reader, bench.tables.find_reader(request.log, request.reader));
    const Bytes statement =
        codec::encode(protocol::ReaderStatement{bench.asker.binding, request.log});
    const auto verdict =
        access::verify(request.reader.view(), access::Label::Reader, statement, request.signature);
    if (!log || !reader || !verdict.has_value()) return refuse();
    const Seq since = std::max(reader->since, log->base.next());
    Answer answer{protocol::Opened{since, last_visible(*log, *reader)}};
    answer.effects.emplace_back(LogOpened{request.log, request.reader});
    if (reader->dropped_at) {
        answer.effects.emplace_back(ReaderDropped{request.log, request.reader});
    }
    return answer;
}

Result<Answer> decide_on(const Bench& bench, const protocol::Read& request) {
    if (!bench.asker.reader) return refuse();
    TRY(const auto log, bench.tables.find_log(request.log));
    TRY(const auto reader, bench.tables.find_reader(request.log, *bench.asker.reader));
    if (!log || !reader) return refuse();
    const Seq last = last_visible(*log, *reader);
    protocol::Entries entries{{}, last};
    if (request.after < last) {
        TRY(entries.entries,
            bench.tables.entries(request.log,
                                 std::max(request.after.next(), reader->since),
                                 last,
                                 bounds::entries_per_answer,
                                 bounds::bytes_per_answer));
    }
    return Answer{std::move(entries)};
}

Result<Answer> decide_on(const Bench& bench, const protocol::Acknowledge& request) {
    if (!bench.asker.reader) return refuse();
    TRY(const auto log, bench.tables.find_log(request.log));
    TRY(const auto reader, bench.tables.find_reader(request.log, *bench.asker.reader));
    if (!log || !reader || request.upto > last_visible(*log, *reader)) return refuse();
    if (request.follows.value != 0) {
        TRY(const auto followed, bench.tables.epochs().candidate_at(request.log, request.follows));
        if (!followed) return refuse();
    }
    Reader later = *reader;
    later.acknowledged = std::max(reader->acknowledged, request.upto);
    later.follows = std::max(reader->follows, request.follows);
    // What changes nothing is not written, and waits for no disk.
    if (later.acknowledged != reader->acknowledged || later.follows != reader->follows) {
        TRY_VOID(bench.tables.put_reader(request.log, later));
    }
    Answer answer{protocol::Done{}};
    if (later.follows != reader->follows) {
        TRY(answer.effects, note_follower(bench, request.log, reader->key, later.follows));
    }
    return answer;
}

}  // namespace cercle::relay
