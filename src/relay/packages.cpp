// SPDX-License-Identifier: AGPL-3.0-or-later
#include "relay/bounds.h"
#include "relay/chain.h"
#include "relay/decide_parts.h"

// Key packages: put beside an inbox by its reader, handed out once each to who may deposit; and who
// that is, which the reader changes.

namespace cercle::relay {

Result<void> check_owner(const Bench& bench, const LogId& inbox) {
    TRY_VOID(log_of_kind(bench.tables, inbox, LogKind::Inbox));
    if (!bench.asker.reader) return refuse();
    TRY(const auto reader, bench.tables.find_reader(inbox, *bench.asker.reader));
    if (!reader || reader->dropped_at) return refuse();
    return {};
}

Result<Answer> decide_on(const Bench& bench, const protocol::PutKeyPackages& request) {
    TRY_VOID(check_owner(bench, request.inbox));
    for (const Bytes& package : request.packages) {
        if (package.empty()) return fail(Code::malformed, "an empty key package");
        if (package.size() > bounds::longest_package) {
            return fail(Code::too_large, "a key package that is too long");
        }
        TRY_VOID(bench.tables.put_package(
            request.inbox, content_hash(ContentOf::Package, package), package));
    }
    TRY(const std::uint32_t left, bench.tables.count_packages(request.inbox));
    if (left > bounds::packages_per_inbox) return fail(Code::too_many, "too many key packages");
    return Answer{protocol::Count{left}};
}

Result<Answer> decide_on(const Bench& bench, const protocol::CountKeyPackages& request) {
    TRY_VOID(check_owner(bench, request.inbox));
    TRY(const std::uint32_t left, bench.tables.count_packages(request.inbox));
    return Answer{protocol::Count{left}};
}

Result<Answer> decide_on(const Bench& bench, const protocol::TakeKeyPackage& request) {
    TRY(const auto inbox, bench.tables.find_log(request.inbox));
    std::optional<TokenHash> right;
    if (inbox && inbox->kind == LogKind::Inbox) right = inbox->deposit;
    if (!matches_if_any(access::Right::Deposit, request.token, right)) return refuse();
    TRY(auto package, bench.tables.take_package(request.inbox, request.id));
    if (!package) return fail(Code::no_key_package, "no key package is left");
    return Answer{protocol::Package{*std::move(package)}};
}

// What waits to be taken is closed under a key that goes with the token.
Result<Answer> decide_on(const Bench& bench, const protocol::RotateInbox& request) {
    TRY_VOID(check_owner(bench, request.inbox));
    TRY(const Log inbox, log_of_kind(bench.tables, request.inbox, LogKind::Inbox));
    if (inbox.deposit != request.deposit) {
        TRY_VOID(bench.tables.set_deposit(request.inbox, request.deposit));
        TRY_VOID(bench.tables.drop_packages(request.inbox));
    }
    return Answer{protocol::Entries{{}, inbox.head}};
}

}  // namespace cercle::relay
