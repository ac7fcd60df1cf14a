// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Guest: who holds a card and nothing else, at work. It claims the card, waits to be bound, and
// then writes to its owner and reads what he writes, over a holder's session.

#include <functional>
#include <map>
#include <memory>
#include <optional>

#include "client/dispatch.h"
#include "client/guest_file.h"
#include "client/session.h"
#include "client/timeline.h"
#include "net/event.h"
#include "net/task_group.h"

namespace cercle::client {

class Guest {
  public:
    /// Errors: home_missing (the home is no guest's), store_corrupt, disk_fault.
    [[nodiscard]] static Result<std::unique_ptr<Guest>> create(World& world, store::Database vault);
    Guest(World& world, store::Database vault);
    Guest(const Guest&) = delete;
    Guest& operator=(const Guest&) = delete;
    ~Guest();

    /// Begins to talk to the relay.
    [[nodiscard]] Result<void> start();
    /// Must be awaited before destruction.
    [[nodiscard]] net::Task<void> stop();

    [[nodiscard]] World& world() { return world_; }

    [[nodiscard]] store::Database& database() { return database_; }

    [[nodiscard]] Timeline& timeline() { return timeline_; }

    [[nodiscard]] net::Signal& changed() { return changed_; }

    [[nodiscard]] bool online() const { return online_; }

    /// As the vault has it now. Errors: those of the disk.
    [[nodiscard]] Result<GuestFile> file();

    /// A text to the owner. As write_text. Errors: also not_a_member (not bound yet, or closed).
    [[nodiscard]] Result<void> write(envelope::MessageId id, std::string_view text);

    /// Everything that lies at the relay is here, and everything written is there, or was refused.
    /// Errors: deadline_passed, invitation_spent, forged, and why the relay cannot be reached
    /// (without `patient`).
    enum class Patience : std::uint8_t { UntilUnreachable, UntilDeadline };
    [[nodiscard]] net::Task<void> settle(Patience patience, net::Deadline deadline);

    /// Why what was written does not go on, though the relay can be reached.
    [[nodiscard]] const std::optional<Error>& refused() const { return refused_; }

  private:
    [[nodiscard]] net::Task<void> run();
    [[nodiscard]] net::Task<void> serve(Session& session);
    [[nodiscard]] net::Task<Progress> step(Session& session);
    [[nodiscard]] net::Task<void> make_claim(Session& session, GuestFile guest);
    [[nodiscard]] net::Task<void> send_claim(Session& session, GuestFile guest);
    [[nodiscard]] net::Task<Progress> read_answers(Session& session, GuestFile guest);
    [[nodiscard]] net::Task<Progress> send_next(Session& session, GuestFile guest);
    [[nodiscard]] Result<void> take_answers(GuestFile& guest,
                                            const std::vector<protocol::Entry>& entries);
    [[nodiscard]] Result<void> take_one(store::Transaction& transaction,
                                        const GuestFile& guest,
                                        const protocol::Entry& entry);
    [[nodiscard]] Result<void> set_stage(GuestStage stage);
    /// The relay's no ends nothing: it may have been told to say it, or have forgotten.
    [[nodiscard]] Result<Progress> be_shut_out();
    [[nodiscard]] net::Task<Progress> open_answers(Session& session, GuestFile guest);

    World& world_;
    store::Database database_;
    Timeline timeline_;
    net::Signal changed_;
    net::Event work_;
    net::Event hurry_;
    bool online_ = false;
    bool opened_ = false;        // the answers, in this session
    bool came_to_rest_ = false;  // likewise
    SteadyTime shut_out_until_{};
    bool look_again_ = true;
    std::uint64_t asked_ = 0;
    std::uint64_t settled_ = 0;
    std::uint64_t failed_ = 0;
    std::optional<Error> failure_;
    std::optional<Error> refused_;
    net::TaskGroup tasks_;
};

}  // namespace cercle::client
