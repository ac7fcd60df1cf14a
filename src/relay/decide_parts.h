// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// The decisions one by one; decide.cpp finds the right one. Private to this folder.

#include "access/token.h"
#include "relay/decide.h"

namespace cercle::relay {

/// The tables, and what every decision may look at.
struct Bench {
    LogTables& tables;
    const Asker& asker;
    Stamp now;
    const Allowance& allowance;
};

// orders.cpp
Result<Answer> decide_on(const Bench& bench, const protocol::Claim& request);
Result<Answer> decide_on(const Bench& bench, const protocol::GiveOrder& request);

// append.cpp
Result<Answer> decide_on(const Bench& bench, const protocol::CreateLog& request);
Result<Answer> decide_on(const Bench& bench, const protocol::CreateRecordedLog& request);
Result<Answer> decide_on(const Bench& bench, const protocol::Post& request);
Result<Answer> decide_on(const Bench& bench, const protocol::Deposit& request);

// bundles.cpp
Result<Answer> decide_on(const Bench& bench, const protocol::PostBundle& request);

// reading.cpp
Result<Answer> decide_on(const Bench& bench, const protocol::OpenLog& request);
Result<Answer> decide_on(const Bench& bench, const protocol::Read& request);
Result<Answer> decide_on(const Bench& bench, const protocol::Acknowledge& request);

// packages.cpp
Result<Answer> decide_on(const Bench& bench, const protocol::PutKeyPackages& request);
Result<Answer> decide_on(const Bench& bench, const protocol::CountKeyPackages& request);
Result<Answer> decide_on(const Bench& bench, const protocol::TakeKeyPackage& request);
Result<Answer> decide_on(const Bench& bench, const protocol::RotateInbox& request);

// exchange.cpp
Result<Answer> decide_on(const Bench& bench, const protocol::PutStep& request);
Result<Answer> decide_on(const Bench& bench, const protocol::GetStep& request);

// records.cpp
Result<Answer> decide_on(const Bench& bench, const protocol::GetCheckpoint& request);
Result<Answer> decide_on(const Bench& bench, const protocol::ProveRecord& request);
Result<Answer> decide_on(const Bench& bench, const protocol::ProveGrowth& request);
/// An entry that was appended to a recorded log is the next record.
Result<void> record(LogTables& tables, const LogId& log, const protocol::Entry& entry);

// restored.cpp
Result<Answer> decide_on(const Bench& bench, const protocol::GetIncarnation& request);
Result<Answer> decide_on(const Bench& bench, const protocol::GiveBack& request);
Result<Answer> decide_on(const Bench& bench, const protocol::DeclareKept& request);
/// A restored log takes nothing new before its readers have said that it has all they kept, or have
/// had their time. Errors: relay_restored.
[[nodiscard]] Result<void> check_complete(const Bench& bench, const Log& log);

// blobs.cpp
Result<Answer> decide_on(const Bench& bench, const protocol::CreateBlob& request);
Result<Answer> decide_on(const Bench& bench, const protocol::PutChunk& request);
Result<Answer> decide_on(const Bench& bench, const protocol::GetChunk& request);

// unlock.cpp
Result<Answer> decide_on(const Bench& bench, const protocol::PutShare& request);
Result<Answer> decide_on(const Bench& bench, const protocol::DropShare& request);
Result<Answer> decide_on(const Bench& bench, const protocol::Guess& request);

// cards.cpp
Result<Answer> decide_on(const Bench& bench, const protocol::PutCard& request);
Result<Answer> decide_on(const Bench& bench, const protocol::BindCard& request);
Result<Answer> decide_on(const Bench& bench, const protocol::RevokeCard& request);
Result<Answer> decide_on(const Bench& bench, const protocol::DropCard& request);
Result<Answer> decide_on(const Bench& bench, const protocol::ListCards& request);
Result<Answer> decide_on(const Bench& bench, const protocol::AnswerCard& request);
/// The letters that lie there for its holder go. No other log does, whatever the card's id is.
Result<void> drop_answers(LogTables& tables, const CardId& card);
/// Whether a log is some card's answers: of what is read like an inbox, the one that no token
/// opens.
[[nodiscard]] bool is_answers(const Log& log);

// card_use.cpp
Result<Answer> decide_on(const Bench& bench, const protocol::ReadCard& request);
Result<Answer> decide_on(const Bench& bench, const protocol::ClaimCard& request);
Result<Answer> decide_on(const Bench& bench, const protocol::UseCard& request);
Result<Answer> decide_on(const Bench& bench, const protocol::OpenAnswers& request);

/// The one answer to every right that is not there.
[[nodiscard]] inline std::unexpected<Error> refuse(
    std::source_location where = std::source_location::current()) {
    return fail(Code::refused, "no such right", where);
}

/// The day (UTC) of a moment.
[[nodiscard]] Day day_of(Stamp moment);
/// Whether the token is the one behind `hash`. With nothing to compare it takes as long and says
/// no.
[[nodiscard]] bool matches_if_any(access::Right right,
                                  const Secret& token,
                                  const std::optional<TokenHash>& hash);

/// The log, if it is there and of that kind. Errors: refused.
[[nodiscard]] Result<Log> log_of_kind(LogTables& tables, const LogId& id, LogKind kind);

/// The session has opened this inbox, and still may. Errors: refused.
[[nodiscard]] Result<void> check_owner(const Bench& bench, const LogId& inbox);

/// Appends under an id, or finds what the id stands for already (see append.cpp).
class Appending {
  public:
    Appending(const Bench& bench, Log log)
        : bench_(bench),
          log_(std::move(log)) {}

    /// The position that the id has, if it has one. Errors: id_reused.
    [[nodiscard]] Result<std::optional<Seq>> known(const EntryId& id,
                                                   const ContentHash& content) const;

    /// Errors: log_full, too_large.
    Result<Seq> append(const EntryId& id,
                       const ContentHash& content,
                       protocol::EntryKind kind,
                       Epoch epoch,
                       Bytes payload);

    /// As it stood before: under an id that is made of its chain. Errors: the same.
    Result<Seq> put_back(const protocol::Entry& entry);

    [[nodiscard]] const Log& log() const { return log_; }

  private:
    Result<Seq> keep(const EntryId& id, const ContentHash& content, const protocol::Entry& entry);

    const Bench& bench_;
    Log log_;
};

}  // namespace cercle::relay
