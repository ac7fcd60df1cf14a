// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/yielding.h"

#include <array>
#include <limits>

#include "codec/tls.h"

namespace cercle::client {
namespace {

/// Long enough for a commit to come to all others over a slow network.
constexpr Duration for_each_member = std::chrono::seconds{2};

/// Anywhere in the span, each moment as likely.
Duration part_of(Duration span, Random& random) {
    std::array<std::uint8_t, 2> bytes{};
    random.fill(bytes);
    const auto part = static_cast<std::int64_t>(bytes[0] << 8U | bytes[1]);
    return Duration{span.count() * part / 65536};
}

}  // namespace

void Yielding::lose(Core& core, protocol::LogId log, std::size_t members) {
    const Duration span = for_each_member * static_cast<Duration::rep>(members);
    until_.insert_or_assign(log, core.world.loop.in(part_of(span, core.world.random)));
}

bool Yielding::yields(const Clock& clock, protocol::LogId log) const {
    const auto found = until_.find(log);
    return found != until_.end() && !found->second.passed(clock);
}

std::optional<net::Deadline> Yielding::next(const Clock& clock) {
    std::erase_if(until_, [&clock](const auto& one) { return one.second.passed(clock); });
    std::optional<net::Deadline> first;
    for (const auto& [log, until] : until_)
        first = first ? first->but_at_most(until) : until;
    return first;
}

Result<bool> is_bare_renewal(const OutboxItem& item) {
    if (item.kind != OutboxKind::Change) return false;
    TRY(const auto change, codec::decode<Change>(item.body));
    return change.add.empty() && change.remove.empty() && change.packages.empty();
}

Result<std::optional<std::int64_t>> renewal_under_way(Core& core,
                                                      protocol::LogId log,
                                                      protocol::EntryId pending) {
    TRY(const auto items, core.outbox.next(log, std::numeric_limits<std::int64_t>::max()));
    for (const OutboxItem& item : items) {
        if (item.kind != OutboxKind::Change || item.entry != pending) continue;
        TRY(const bool bare, is_bare_renewal(item));
        return bare ? std::optional(item.ordinal) : std::nullopt;
    }
    return std::optional<std::int64_t>();
}

}  // namespace cercle::client
