// SPDX-License-Identifier: AGPL-3.0-or-later
#include "relay/decide.h"

#include "relay/decide_parts.h"

namespace cercle::relay {
namespace {

template <class... Kind>
bool is_one_of(const protocol::RequestBody& request) {
    return (std::holds_alternative<Kind>(request) || ...);
}

// Who may ask for what at all. Holders of an invitation reach exchanges and nothing else; holders
// of a card, or of a device that is locked, what one key gives them.
bool may_ask(Asker::Kind kind, const protocol::RequestBody& request) {
    const bool officers = is_one_of<protocol::Claim, protocol::GiveOrder>(request);
    const bool everybodys = is_one_of<protocol::PutStep, protocol::GetStep>(request);
    // An office that was restored has to reach devices whose tokens it has never heard.
    const bool letters = is_one_of<protocol::Deposit>(request);
    const bool holders = is_one_of<protocol::Guess,
                                   protocol::ReadCard,
                                   protocol::ClaimCard,
                                   protocol::UseCard,
                                   protocol::OpenAnswers>(request);
    // Of the one log that OpenAnswers has opened; a holder opens no other. And whether what it has
    // read of that is the relay's still.
    const bool readers =
        is_one_of<protocol::Read, protocol::Acknowledge, protocol::GetIncarnation>(request);
    switch (kind) {
        case Asker::Kind::Device:
            return !officers && !holders;
        case Asker::Kind::Newcomer:
            return everybodys;
        case Asker::Kind::Officer:
            return officers || everybodys || letters;
        case Asker::Kind::Holder:
            return holders || readers;
    }
    return false;
}

}  // namespace

bool only_looks(const protocol::RequestBody& request) {
    return std::holds_alternative<protocol::OpenLog>(request) ||
           std::holds_alternative<protocol::Read>(request) ||
           std::holds_alternative<protocol::CountKeyPackages>(request) ||
           std::holds_alternative<protocol::GetStep>(request) ||
           std::holds_alternative<protocol::GetChunk>(request) ||
           std::holds_alternative<protocol::GetIncarnation>(request) ||
           std::holds_alternative<protocol::DeclareKept>(request) ||
           std::holds_alternative<protocol::GetCheckpoint>(request) ||
           std::holds_alternative<protocol::ProveRecord>(request) ||
           std::holds_alternative<protocol::ProveGrowth>(request);
}

bool is_refused_before_writing(const protocol::RequestBody& request) {
    if (const auto* post = std::get_if<protocol::Post>(&request)) return post->entries.size() == 1;
    return std::holds_alternative<protocol::Deposit>(request);
}

Result<Answer> decide(LogTables& tables,
                      const Asker& asker,
                      const protocol::RequestBody& request,
                      Stamp now,
                      const Allowance& allowance) {
    if (!may_ask(asker.kind, request)) return refuse();
    // A session that began before the device was dropped may still have requests under way.
    if (asker.kind == Asker::Kind::Device) TRY_VOID(admit(tables, asker.device));
    const Bench bench{tables, asker, now, allowance};
    return std::visit([&bench](const auto& chosen) { return decide_on(bench, chosen); }, request);
}

Result<void> admit(LogTables& tables, const DeviceKey& device) {
    TRY(const auto known, tables.find_device(device));
    if (!known) return refuse();
    return {};
}

bool matches_if_any(access::Right right,
                    const Secret& token,
                    const std::optional<TokenHash>& hash) {
    const bool matches = access::matches(right, token, hash.value_or(TokenHash{}).view());
    return hash.has_value() && matches;
}

Result<Log> log_of_kind(LogTables& tables, const LogId& id, LogKind kind) {
    TRY(auto log, tables.find_log(id));
    if (!log || log->kind != kind) return refuse();
    return *std::move(log);
}

Day day_of(Stamp moment) {
    constexpr std::uint64_t length = std::uint64_t{24} * 60 * 60 * 1000;
    return {moment.value / length};
}

bool is_store_fault(Code code) {
    return code == Code::disk_fault || code == Code::disk_full || code == Code::busy ||
           code == Code::library_fault;
}

protocol::Refusal refusal_for(Code code) {
    if (is_store_fault(code) || code == Code::store_corrupt) {
        return protocol::Refusal::StoreFault;
    }
    return protocol::to_refusal(code);
}

}  // namespace cercle::relay
