// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Courier: keeps the connection to the relay and carries everything both ways, one thing after
// the other, until there is nothing left to do; then waits for news or for work.

#include <map>
#include <memory>
#include <optional>
#include <set>

#include "client/acknowledgement.h"
#include "client/dispatch.h"

namespace cercle::client {

class Courier {
  public:
    explicit Courier(Core& core)
        : core_(core),
          hurry_(core.world.loop) {}

    /// Until cancelled.
    [[nodiscard]] net::Task<void> run();

    [[nodiscard]] bool online() const { return online_; }

    [[nodiscard]] std::optional<protocol::Incarnation> incarnation() const { return incarnation_; }

    /// What a command that needs the relay asks for: everything looked at again, beginning now.
    /// The number tells when that is done.
    [[nodiscard]] std::uint64_t ask();

    /// All that was asked for then has been done, or could not be reached.
    [[nodiscard]] bool settled(std::uint64_t asked) const { return settled_ >= asked; }

    [[nodiscard]] const Error* failed(std::uint64_t asked) const {
        return failed_ >= asked && failure_ ? &*failure_ : nullptr;
    }

    /// What went wrong with one conversation since the connection was made, if anything.
    [[nodiscard]] const Error* stalled(protocol::LogId log) const;

    /// What no waiting mends: the relay's log is not the one that was read here.
    [[nodiscard]] const Error* contradicted(protocol::LogId log) const;
    /// The same of any log, the inbox too.
    [[nodiscard]] const Error* contradicted() const;

  private:
    [[nodiscard]] net::Task<void> serve(Session& session);
    [[nodiscard]] net::Task<Progress> look_at_all(Session& session);
    [[nodiscard]] net::Task<Progress> look_at(Session& session, protocol::LogId log);
    [[nodiscard]] net::Task<protocol::Opened> open(Session& session, protocol::LogId log);
    [[nodiscard]] net::Task<void> give_back(Session& session, protocol::LogId log);
    /// A restored relay waits for what its readers have kept: whether it was told already.
    [[nodiscard]] Result<bool> asks_in_vain(protocol::LogId log, const Error& error);
    [[nodiscard]] net::Task<Progress> send_all(Session& session);
    /// Tells the relay how far the logs are kept that were read since. Its no ends nothing.
    [[nodiscard]] net::Task<void> acknowledge_all(Session& session,
                                                  acknowledgement::Occasion occasion);
    [[nodiscard]] Result<protocol::Seq> kept_of(protocol::LogId log);
    /// Has the relay put this device's new inbox secret in force, if there is one.
    [[nodiscard]] net::Task<void> turn_inbox(Session& session);
    void take_news(const News& news);
    /// Whether the connection itself is the matter; otherwise the conversation is left alone.
    [[nodiscard]] bool note(const Session& session, protocol::LogId log, const Error& error);

    Core& core_;
    net::Event hurry_;  // ends the pause between two attempts
    bool online_ = false;
    bool look_again_ = false;
    bool topped_up_ = false;
    bool came_to_rest_ = false;  // in this session, all was done once
    bool inbox_grew_ = false;
    bool readmitted_ = false;  // in this session, whoever has a new device was taken in again
    std::optional<protocol::Incarnation> incarnation_;
    std::uint64_t asked_ = 0;
    std::uint64_t settled_ = 0;
    std::uint64_t failed_ = 0;
    std::optional<Error> failure_;
    /// Under which key: who was put out of a conversation and taken in again reads under another.
    std::map<protocol::LogId, Bytes> opened_;
    std::map<protocol::LogId, protocol::Seq> heads_;
    std::map<protocol::LogId, Error> stalled_;
    /// Of which more may be kept than the relay was told.
    std::set<protocol::LogId> kept_;
    /// Of which a restored relay was told in this session that there is no more.
    std::set<protocol::LogId> given_back_;
    Yielding yielding_;
    /// A connection was lost over an acknowledgement: a relay may be too old for any.
    net::Deadline no_acknowledgement_before_{};
    /// The same over an inbox's new token.
    net::Deadline no_rotation_before_{};
};

}  // namespace cercle::client
