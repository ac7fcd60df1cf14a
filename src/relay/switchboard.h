// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Switchboard: what all sessions of a relay share. It counts them, admits them, hands their
// requests to the group commit, and what follows from the answers to fan-out.

#include <cstddef>
#include <unordered_map>
#include <vector>

#include "base/diary.h"
#include "crypto/sign.h"
#include "net/server_identity.h"
#include "relay/fanout.h"
#include "relay/group_commit.h"
#include "relay/session.h"
#include "relay/sweep.h"

namespace cercle::relay {

class Switchboard {
  public:
    /// All are borrowed. `identity` is the store's.
    Switchboard(net::Loop& loop,
                const Clock& clock,
                LogStore& store,
                Diary& diary,
                const Identity& identity,
                Terms terms = {});

    /// A connection that has said nothing yet. Errors: too_many, closing.
    Result<void> enter(Session& session);
    /// It has proved what its asker says. Errors: too_many.
    Result<void> admit(Session& session);
    void leave(Session& session);

    /// Errors: refused.
    [[nodiscard]] net::Task<void> look_up_device(DeviceKey device);

    /// Errors: too_many, closing; else the answer will come.
    Result<void> submit(Session& session, Job job);

    /// Refuses new requests and sessions; run() ends once the accepted ones are answered.
    void drain();
    /// Lets every session send what it still has to send.
    void finish_sessions();
    /// Errors: deadline_passed.
    [[nodiscard]] net::Task<void> wait_until_empty(net::Deadline deadline);

    /// The group commit's work.
    [[nodiscard]] net::Task<void> run() { return commit_.run(); }

    /// Beside it: takes away what has ended. Until cancelled.
    [[nodiscard]] net::Task<void> keep_swept(net::Loop& loop) {
        return relay::keep_swept(loop, commit_, diary_);
    }

    /// Work on the store that is no request.
    template <class Work>
    [[nodiscard]] auto work_beside(Work work) {
        return commit_.work_beside(std::move(work));
    }

    [[nodiscard]] LogStore& store() { return commit_.store(); }

    [[nodiscard]] Tally& tally() { return commit_.tally(); }

    /// Likewise: takes away what need not be kept any more.
    [[nodiscard]] net::Task<void> keep_trimmed(net::Loop& loop, Retention retention) {
        return relay::keep_trimmed(loop, commit_, retention, diary_);
    }

    /// By which the relay says what its tree of records is, from now on.
    void sign_with(const net::ServerIdentity& identity) { key_ = identity.signing_key().copy(); }

    [[nodiscard]] protocol::Incarnation incarnation() const { return incarnation_; }

    /// Bytes that sessions hold, by Session::cost_of.
    void count_held(std::size_t bytes) { held_ += bytes; }

    void count_released(std::size_t bytes) { held_ -= bytes; }

    [[nodiscard]] std::size_t held() const { return held_; }

    [[nodiscard]] Diary& diary() { return diary_; }

    [[nodiscard]] std::size_t sessions() const { return sessions_.size(); }

  private:
    void count(const Result<Answer>& answer);
    void deliver(const Job& job, Lane lane, Result<Answer> answer);
    void follow(const Effect& effect, Session* asker);
    [[nodiscard]] Session* find(SessionNumber number);
    void end_sessions_of(const DeviceKey& device, std::size_t all_but);

    Diary& diary_;
    protocol::Incarnation incarnation_;
    std::optional<OfficerKey> officer_;
    std::optional<crypto::SigningKey> key_;
    Paces paces_;
    const net::Loop& loop_;
    GroupCommit commit_;
    Fanout fanout_;
    net::Signal left_;
    std::unordered_map<std::uint64_t, Session*> sessions_;
    // In the order in which they came.
    std::unordered_map<DeviceKey, std::vector<SessionNumber>> by_device_;
    SessionNumber last_{};
    std::size_t before_hello_ = 0;
    std::size_t strangers_ = 0;
    std::size_t held_ = 0;
    bool draining_ = false;
};

}  // namespace cercle::relay
